-- What the writer says to the database. One statement under each name; %(x)s are parameters.

-- name: session_settings
select set_config('synchronous_commit', 'off', false),
       set_config('idle_in_transaction_session_timeout', '60s', false),
       set_config('timezone', 'UTC', false)

-- name: durable_commit
set local synchronous_commit = on

-- name: positions
select installation, position, stamp from historian.position
where topic = %(topic)s and installation = any(%(installations)s)
order by installation for update

-- name: wait_a_moment
set local lock_timeout = '2s'

-- Whose transaction has these positions locked: xmax is its number.
-- name: end_holders
select pg_terminate_backend(held.pid)
from (select distinct l.pid
      from historian.position p
      join pg_locks l on l.locktype = 'transactionid' and l.granted and l.mode = 'ExclusiveLock'
                     and l.transactionid = p.xmax
      where p.topic = %(topic)s and p.installation = any(%(installations)s)) held
where held.pid <> pg_backend_pid()

-- Not without looking first: `on conflict` waits for whoever is just moving that position.
-- name: new_positions
insert into historian.position (topic, installation, position, stamp)
select %(topic)s, wanted, -1, 0 from unnest(%(installations)s::text[]) wanted
where not exists (select from historian.position p where p.topic = %(topic)s and p.installation = wanted)
on conflict do nothing

-- name: move_positions
update historian.position p set position = m.new, stamp = m.stamp
from unnest(%(installations)s::text[], %(old)s::bigint[], %(new)s::bigint[], %(stamps)s::bigint[])
     m(installation, old, new, stamp)
where p.topic = %(topic)s and p.installation = m.installation and p.position = m.old

-- name: copy_readings
copy historian.reading (time, received, value, series, quality, backfill) from stdin (format binary)

-- Straight into the columnstore, where the server can.
-- name: compress_at_once
select set_config(name, %(how)s, false) from pg_settings where name = 'timescaledb.enable_direct_compress_copy'

-- name: copy_old_readings
copy historian.old_reading (time, received, value, series, quality, backfill) from stdin (format binary)

-- name: series
select s.id, s.installation, s.point, s.unit
from historian.series s
join unnest(%(installations)s::text[], %(points)s::text[], %(units)s::text[]) n(installation, point, unit)
     using (installation, point, unit)

-- name: new_series
insert into historian.series (installation, point, unit)
select n.installation, n.point, n.unit
from unnest(%(installations)s::text[], %(points)s::text[], %(units)s::text[]) n(installation, point, unit)
where not exists (select from historian.series s
                  where s.installation = n.installation and s.point = n.point and s.unit = n.unit)
on conflict do nothing

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
from historian.alarm_event where installation = any(%(installations)s) order by installation, position desc, ordinal desc

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

-- name: new_warning
insert into historian.warning (installation, warning, seq, time, event, from_level, level, actor, verdict, cause, note,
                               reason, alarms)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (installation, seq) do nothing

-- name: new_notification
insert into historian.notification (sent_at, event_id, alarm, occurrence, person, channel, step, round, attempt,
                                    outcome, provider_id, receipt_at, detail)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
