-- What the writer says to the database. One statement under each name; %(x)s are parameters.

-- name: session_settings
select set_config('synchronous_commit', 'off', false),
       set_config('idle_in_transaction_session_timeout', '60s', false),
       set_config('timezone', 'UTC', false)

-- name: durable_commit
set local synchronous_commit = on

-- name: take_over
insert into historian.writer (topic, token) values (%(topic)s, %(token)s)
on conflict (topic) do update set token = excluded.token

-- name: the_writer
select token from historian.writer where topic = %(topic)s for update

-- name: positions
select installation, position, stamp from historian.position where topic = %(topic)s

-- name: new_position
insert into historian.position (topic, installation, position, stamp) values (%(topic)s, %(installation)s, -1, 0)
on conflict do nothing

-- name: move_position
update historian.position set position = %(new)s, stamp = %(stamp)s
where topic = %(topic)s and installation = %(installation)s and position = %(old)s

-- name: copy_readings
copy historian.reading (time, received, value, series, quality, backfill) from stdin (format binary)

-- name: series
select id, installation, point, unit from historian.series

-- name: new_series
insert into historian.series (id, installation, point, unit) values (%s, %s, %s, %s)

-- name: dirty_minutes
select (extract(epoch from bucket) / 60)::bigint from historian.dirty_minute

-- name: dirty_hours
select (extract(epoch from bucket) / 3600)::bigint from historian.dirty_hour

-- name: mark_minutes
insert into historian.dirty_minute (bucket)
select timestamptz 'epoch' + number * interval '1 minute' from unnest(%(numbers)s::bigint[]) number
on conflict do nothing

-- name: mark_hours
insert into historian.dirty_hour (bucket)
select timestamptz 'epoch' + number * interval '1 hour' from unnest(%(numbers)s::bigint[]) number
on conflict do nothing

-- name: clear_minute
delete from historian.summary_1m where bucket = timestamptz 'epoch' + %(number)s * interval '1 minute'

-- The view works out a dirty minute from the readings.
-- name: sum_up_minute
insert into historian.summary_1m (bucket, series, n, total, min, max, last, last_time)
select bucket, series, n, total, min, max, last, last_time
from historian.minutes where bucket = timestamptz 'epoch' + %(number)s * interval '1 minute'

-- name: minute_is_clean
delete from historian.dirty_minute where bucket = timestamptz 'epoch' + %(number)s * interval '1 minute'

-- name: clear_hour
delete from historian.summary_1h where bucket = timestamptz 'epoch' + %(number)s * interval '1 hour'

-- name: sum_up_hour
insert into historian.summary_1h (bucket, series, n, total, min, max, last, last_time)
select bucket, series, n, total, min, max, last, last_time
from historian.hours where bucket = timestamptz 'epoch' + %(number)s * interval '1 hour'

-- name: hour_is_clean
delete from historian.dirty_hour where bucket = timestamptz 'epoch' + %(number)s * interval '1 hour'

-- name: new_gap
insert into historian.gap (topic, installation, after_position, until_position, after_time, until_time, reason)
values (%s, %s, %s, %s, %s, %s, %s)

-- name: new_command
insert into historian.command (installation, position, time, command, alarm, target, actor, note, occurrence,
                               for_s, one_shot, mode, id)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- name: new_dead_letter
insert into historian.dead_letter (received, topic, reason, detail, payload, count) values (%s, %s, %s, %s, %s, %s)

-- name: forget_points
delete from historian.point where installation = %(installation)s

-- name: new_point
insert into historian.point (installation, ordinal, point, name_en, name_zh, quantity, unit, low, high, period_s,
                             stale_after_s, late_after_s, enabled, over_range, alias, equipment, gateway, gas)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- name: forget_alarm_settings
delete from historian.alarm_setting where installation = %(installation)s

-- name: new_alarm_setting
insert into historian.alarm_setting (installation, ordinal, alarm, point, name, kind, class, priority, setpoint,
                                     deadband, unit, on_delay_s, off_delay_s, latching, ack_required, realarm_s,
                                     on_bad, shelving_allowed, shelving_max_s, response_time_s, cause_en, cause_zh,
                                     consequence_en, consequence_zh, action_en, action_zh, settings)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- name: last_events
select distinct on (installation) installation, position, ordinal
from historian.alarm_event order by installation, position desc, ordinal desc

-- name: new_alarm_event
insert into historian.alarm_event (installation, position, ordinal, event_id, seq, time, decided, late_s, alarm,
                                   occurrence, event, from_state, state, priority, value, setpoint, unit, actor,
                                   note, reason, drill)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- name: no_longer_standing
delete from historian.standing where alarm = any(%(alarms)s)

-- name: forget_standing
delete from historian.standing where installation = any(%(installations)s)

-- name: new_standing
insert into historian.standing (installation, position, ordinal, event_id, seq, time, decided, late_s, alarm,
                                occurrence, event, from_state, state, priority, value, setpoint, unit, actor,
                                note, reason, drill)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- name: move_judged
insert into historian.judged (installation, position, second) values (%s, %s, %s)
on conflict (installation) do update set position = excluded.position, second = excluded.second
    where excluded.position >= historian.judged.position

-- name: new_notification
insert into historian.notification (sent_at, event_id, alarm, occurrence, person, channel, step, round, attempt,
                                    outcome, provider_id, receipt_at, detail)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
