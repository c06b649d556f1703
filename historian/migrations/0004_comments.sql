-- What the columns of the views mean, with units; `\d+ hazardwatch.readings` shows them, docs/schema.md repeats them.

comment on schema hazardwatch is 'The history of one site, for reading: psql, Grafana, reports.';

comment on view hazardwatch.readings is
    'Every reading that counts (repeats left out), as received; late ones and old ones too.';
comment on column hazardwatch.readings.time is
    'Accepted time: the device''s stamp, put right where its clock runs ahead or was set back; the received time where it sent none. UTC, ms.';
comment on column hazardwatch.readings.installation is 'Installation id.';
comment on column hazardwatch.readings.point is 'Point id within the installation.';
comment on column hazardwatch.readings.value is
    'In the column unit; for a state point the number of the state. Null: the device sent null, NaN or infinity.';
comment on column hazardwatch.readings.unit is 'The point''s unit when the reading was stored.';
comment on column hazardwatch.readings.quality is 'What the device said: good, uncertain or bad; bad too where there is no value.';
comment on column hazardwatch.readings.received is 'When it was in the plant log. UTC, ms.';
comment on column hazardwatch.readings.backfill is
    'True: older than what had been accepted of this point (or a broker''s retained copy); kept, not judged.';

comment on view hazardwatch.readings_1m is
    'Readings by minute, backfill included, always in step with readings. Quality bad and null values do not count.';
comment on column hazardwatch.readings_1m.bucket is 'Beginning of the minute by accepted time. UTC.';
comment on column hazardwatch.readings_1m.installation is 'Installation id.';
comment on column hazardwatch.readings_1m.point is 'Point id within the installation.';
comment on column hazardwatch.readings_1m.n is 'Number of readings with a value that are not of quality bad; 0: there were only others.';
comment on column hazardwatch.readings_1m.min is 'Lowest value, in the point''s unit.';
comment on column hazardwatch.readings_1m.max is 'Highest value, in the point''s unit.';
comment on column hazardwatch.readings_1m.avg is 'Mean of the values (not weighted by time), in the point''s unit.';
comment on column hazardwatch.readings_1m.last is 'Value of the latest accepted time, in the point''s unit.';

comment on view hazardwatch.readings_1h is
    'Readings by hour, backfill included, always in step with readings. Quality bad and null values do not count.';
comment on column hazardwatch.readings_1h.bucket is 'Beginning of the hour by accepted time. UTC.';
comment on column hazardwatch.readings_1h.installation is 'Installation id.';
comment on column hazardwatch.readings_1h.point is 'Point id within the installation.';
comment on column hazardwatch.readings_1h.n is 'Number of readings with a value that are not of quality bad; 0: there were only others.';
comment on column hazardwatch.readings_1h.min is 'Lowest value, in the point''s unit.';
comment on column hazardwatch.readings_1h.max is 'Highest value, in the point''s unit.';
comment on column hazardwatch.readings_1h.avg is 'Mean of the values (not weighted by time), in the point''s unit.';
comment on column hazardwatch.readings_1h.last is 'Value of the latest accepted time, in the point''s unit.';

comment on view hazardwatch.alarm_events is
    'Every change of every alarm. Order by seq (within an installation): times do not give the order.';
comment on view hazardwatch.alarms_standing is
    'One row per alarm that is not NORMAL: its latest event that has a state.';
do $$
declare
    described record;
    view_name text;
begin
    for described in
        select * from (values
            ('event_id', 'Hash of alarm, running number of the alarm''s events, event and time; on every message sent about it.'),
            ('seq', 'Running number within the installation; gives the order.'),
            ('time', 'When it became true: device time, or the time of the command. UTC, ms.'),
            ('decided', 'Received time at which the engine knew. UTC, ms.'),
            ('late_s', 'decided - time, in seconds.'),
            ('alarm', 'Alarm id: INSTALLATION/POINT/NAME or INSTALLATION/NAME.'),
            ('occurrence', 'Id of the occurrence: from raised until NORMAL.'),
            ('event', 'What happened: raised, reraised, acknowledged, returned, cleared, reset, refused ...'),
            ('from', 'State before.'),
            ('state', 'State after: NORMAL UNACK ACKED RTN_UNACK LATCH_UNACK LATCH_ACKED SHELVED SUPPRESSED_BY_DESIGN OUT_OF_SERVICE.'),
            ('priority', 'critical, high, medium or low.'),
            ('value', 'Value of the deciding sample, in the column unit.'),
            ('setpoint', 'Setpoint in force, in the column unit.'),
            ('unit', 'Unit of value and setpoint.'),
            ('actor', 'Person who gave the command; null: the plant did it.'),
            ('note', 'What the person wrote, or the rule that suppressed.'),
            ('reason', 'Why: limit, lost, expired, or why a command was refused.'),
            ('drill', 'Id of the drill it belongs to; null: the real plant.')
        ) as described (name, meaning)
    loop
        foreach view_name in array array['alarm_events', 'alarms_standing'] loop
            execute format('comment on column hazardwatch.%I.%I is %L', view_name, described.name, described.meaning);
        end loop;
    end loop;
end
$$;

comment on view hazardwatch.notifications is 'Every attempt to reach somebody about an alarm event.';
comment on column hazardwatch.notifications.sent_at is 'When it was tried. UTC, ms.';
comment on column hazardwatch.notifications.event_id is 'The alarm event it tells of.';
comment on column hazardwatch.notifications.alarm is 'Alarm id.';
comment on column hazardwatch.notifications.person is 'Person id; null: a system, not a person.';
comment on column hazardwatch.notifications.channel is 'Channel id.';
comment on column hazardwatch.notifications.step is 'Escalation step from 0; -1: the channels that get every event.';
comment on column hazardwatch.notifications.outcome is
    'sent (the provider took it), retry (will be tried again), failed (given up) or skipped.';
comment on column hazardwatch.notifications.provider_id is 'The provider''s id of the message.';
comment on column hazardwatch.notifications.receipt_at is 'When the provider reported delivery. UTC, ms.';
comment on column hazardwatch.notifications.detail is 'The provider''s words, or why it was not sent.';

comment on view hazardwatch.dead_letters is 'Messages and single readings that were refused.';
comment on column hazardwatch.dead_letters.received is 'When it was in the plant log. UTC, ms.';
comment on column hazardwatch.dead_letters.topic is 'MQTT topic it came on.';
comment on column hazardwatch.dead_letters.reason is 'Why, in a fixed word.';
comment on column hazardwatch.dead_letters.detail is 'What was found; how many more of this reason were counted only.';
comment on column hazardwatch.dead_letters.payload is 'The payload as it came, up to 64 KiB, in bytes.';

comment on view hazardwatch.commands is 'Every operator command and what came of it.';
comment on column hazardwatch.commands.time is 'When it was in the plant log. UTC, ms.';
comment on column hazardwatch.commands.command is
    'acknowledge, reset, shelve, unshelve, out_of_service, in_service, bypass or mode.';
comment on column hazardwatch.commands.alarm is 'Alarm id; for a command to a point or equipment INSTALLATION/ID.';
comment on column hazardwatch.commands.actor is 'Person who gave it.';
comment on column hazardwatch.commands.note is 'What the person wrote.';
comment on column hazardwatch.commands.outcome is
    'The events it made; done: none were needed; refused: and why; pending: the engine has not come to it yet.';

comment on view hazardwatch.points is 'The points as configured now, in no order; removed ones are gone.';
comment on column hazardwatch.points.installation is 'Installation id.';
comment on column hazardwatch.points.point is 'Point id within the installation.';
comment on column hazardwatch.points.name_en is 'Name in English.';
comment on column hazardwatch.points.name_zh is 'Name in Chinese.';
comment on column hazardwatch.points.quantity is 'What is measured.';
comment on column hazardwatch.points.unit is 'Unit of its values.';
comment on column hazardwatch.points.low is 'Bottom of the range, in unit.';
comment on column hazardwatch.points.high is 'Top of the range, in unit.';
comment on column hazardwatch.points.period_s is 'Usual time between readings, in seconds.';
comment on column hazardwatch.points.stale_after_s is 'STALE when not heard for this long, in seconds; null: never.';
comment on column hazardwatch.points.late_after_s is 'LATE when readings arrive later than this, in seconds.';
comment on column hazardwatch.points.enabled is 'False: listed only; its readings are refused.';
comment on column hazardwatch.points.over_range is 'judge: beyond the range counts as the top of the range; bad: it is not judged.';
comment on column hazardwatch.points.alias is 'The tag by which others know it.';
comment on column hazardwatch.points.equipment is 'Equipment id it belongs to.';
comment on column hazardwatch.points.gateway is 'Gateway id that brings its readings.';
comment on column hazardwatch.points.gas is 'Gas that is detected.';

comment on view hazardwatch.alarm_settings is 'The alarms as configured now; removed ones are gone.';
comment on column hazardwatch.alarm_settings.alarm is 'Alarm id: INSTALLATION/POINT/NAME or INSTALLATION/NAME.';
comment on column hazardwatch.alarm_settings.installation is 'Installation id.';
comment on column hazardwatch.alarm_settings.point is 'Point id; null: over several points.';
comment on column hazardwatch.alarm_settings.name is 'The alarm''s own name.';
comment on column hazardwatch.alarm_settings.kind is 'How it is judged: high, low, digital, rate, stale ...';
comment on column hazardwatch.alarm_settings.class is 'Alarm class.';
comment on column hazardwatch.alarm_settings.priority is 'critical, high, medium or low.';
comment on column hazardwatch.alarm_settings.setpoint is 'Setpoint, in unit.';
comment on column hazardwatch.alarm_settings.deadband is 'Deadband, in unit.';
comment on column hazardwatch.alarm_settings.unit is 'Unit of setpoint and deadband.';
comment on column hazardwatch.alarm_settings.on_delay_s is 'On-delay, in seconds.';
comment on column hazardwatch.alarm_settings.off_delay_s is 'Off-delay, in seconds.';
comment on column hazardwatch.alarm_settings.latching is 'True: stays until reset.';
comment on column hazardwatch.alarm_settings.ack_required is 'True: somebody must acknowledge it.';
comment on column hazardwatch.alarm_settings.realarm_s is 'Raised again this long after the acknowledgement while still on, in seconds; null: never.';
comment on column hazardwatch.alarm_settings.on_bad is 'When its point is lost: hold the condition, or trip it.';
comment on column hazardwatch.alarm_settings.shelving_allowed is 'Whether it may be shelved.';
comment on column hazardwatch.alarm_settings.shelving_max_s is 'Longest shelving, in seconds.';
comment on column hazardwatch.alarm_settings.response_time_s is 'Time the operator has to act, in seconds.';
comment on column hazardwatch.alarm_settings.cause_en is 'Likely cause, in English.';
comment on column hazardwatch.alarm_settings.cause_zh is 'Likely cause, in Chinese.';
comment on column hazardwatch.alarm_settings.consequence_en is 'What happens if nobody acts, in English.';
comment on column hazardwatch.alarm_settings.consequence_zh is 'What happens if nobody acts, in Chinese.';
comment on column hazardwatch.alarm_settings.action_en is 'What to do, in English.';
comment on column hazardwatch.alarm_settings.action_zh is 'What to do, in Chinese.';
comment on column hazardwatch.alarm_settings.settings is
    'All attributes as the engine has them, those of the kind too: JSON, times in ms, numbers in the point''s unit.';

comment on table historian.migration is 'The migrations that were applied, with the SHA-256 of each file.';
comment on table historian.site is 'The id of the one site whose database this is.';
comment on table historian.writer is 'Who may write, by topic of the log: the token of the newest writer.';
comment on table historian.position is
    'How far each installation''s log is stored, by topic; -1: nothing yet. stamp: that record''s, epoch ms.';
comment on table historian.gap is 'Records the log no longer held when we came to read them, and damaged ones of the alarm log.';
comment on table historian.series is 'One point in one unit, by number; a new unit is a new series.';
comment on table historian.reading is 'Every reading. quality: 0 good, 1 uncertain, 2 bad. Indexed by time only.';
comment on table historian.dirty_minute is 'Minutes whose summary is missing or out of date; the views work them out live.';
comment on table historian.dirty_hour is 'The same for hours.';
comment on table historian.summary_1m is 'Summaries by minute, for minutes that are not dirty.';
comment on table historian.summary_1h is 'Summaries by hour, for hours that are not dirty.';
comment on view historian.minutes is 'All minutes: summaries, and dirty ones worked out from the readings.';
comment on view historian.hours is 'All hours: summaries, and dirty ones worked out from the minutes.';
comment on table historian.alarm_event is 'Every alarm event, with the plant-log position and ordinal it came from.';
comment on table historian.standing is 'The newest event with a state of each alarm that is not NORMAL.';
comment on table historian.judged is 'The engine''s progress; commands up to that position have their answer.';
comment on table historian.notification is 'Every attempt to reach somebody.';
comment on table historian.dead_letter is 'Refused messages; count: how many of this reason the row stands for.';
comment on table historian.command is 'Every operator command, with its position in the plant log.';
comment on table historian.point is 'The points in force; replaced as a whole when the configuration changes.';
comment on table historian.alarm_setting is 'The alarms in force; replaced as a whole when the configuration changes.';
