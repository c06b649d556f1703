-- The face of the history: views of the schema hazardwatch. Their columns are a contract with everybody who reads.
create schema hazardwatch;

create view hazardwatch.readings as
    select r.time, s.installation, s.point, r.value, s.unit,
           case when r.quality = 2 or r.value is null then 'bad' when r.quality = 1 then 'uncertain' else 'good' end
               as quality,
           r.received, r.backfill
    from historian.reading r
    join historian.series s on s.id = r.series;

create view hazardwatch.readings_1m as
    select m.bucket, s.installation, s.point, m.n, m.min, m.max, m.total / nullif(m.n, 0) as avg, m.last
    from historian.minutes m
    join historian.series s on s.id = m.series;

create view hazardwatch.readings_1h as
    select h.bucket, s.installation, s.point, h.n, h.min, h.max, h.total / nullif(h.n, 0) as avg, h.last
    from historian.hours h
    join historian.series s on s.id = h.series;

create view hazardwatch.alarm_events as
    select event_id, seq, time, decided, late_s, alarm, occurrence, event, from_state as "from", state,
           priority, value, setpoint, unit, actor, note, reason, drill
    from historian.alarm_event;

create view hazardwatch.alarms_standing as
    select event_id, seq, time, decided, late_s, alarm, occurrence, event, from_state as "from", state,
           priority, value, setpoint, unit, actor, note, reason, drill
    from historian.standing;

create view hazardwatch.notifications as
    select sent_at, event_id, alarm, person, channel, step, outcome, provider_id, receipt_at, detail
    from historian.notification;

create view hazardwatch.dead_letters as
    select received, topic, reason,
           case when count > 1 then format('%s (%s of this reason, counted only)', detail, count) else detail end
               as detail,
           payload
    from historian.dead_letter;

create view hazardwatch.commands as
    select c.time, c.command, coalesce(c.alarm, c.target) as alarm, c.actor, c.note,
           case
               when answer.refused then 'refused: ' || answer.reason
               when answer.events is not null then answer.events
               when j.position >= c.position then 'done'
               else 'pending'
           end as outcome
    from historian.command c
    left join historian.judged j on j.installation = c.installation
    left join lateral (
        select bool_or(e.event = 'refused') as refused,
               string_agg(e.reason, ', ' order by e.ordinal) filter (where e.event = 'refused') as reason,
               string_agg(e.event, ', ' order by e.ordinal) as events
        from historian.alarm_event e
        where e.installation = c.installation and e.position = c.position and e.actor = c.actor
    ) answer on true;

create view hazardwatch.points as
    select installation, point, name_en, name_zh, quantity, unit, low, high, period_s, stale_after_s, late_after_s,
           enabled, over_range, alias, equipment, gateway, gas
    from historian.point;

create view hazardwatch.alarm_settings as
    select alarm, installation, point, name, kind, class, priority, setpoint, deadband, unit, on_delay_s, off_delay_s,
           latching, ack_required, realarm_s, on_bad, shelving_allowed, shelving_max_s, response_time_s,
           cause_en, cause_zh, consequence_en, consequence_zh, action_en, action_zh, settings
    from historian.alarm_setting;
