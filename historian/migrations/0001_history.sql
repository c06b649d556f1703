-- The tables behind the views of the schema hazardwatch. Schema historian is the writer's own.
create table historian.site (
    only_one boolean primary key default true check (only_one),
    id text not null
);

-- Who may write, by topic of the log: the newest writer's token. Locked first in every transaction.
create table historian.writer (
    topic text primary key,
    token text not null
);

-- How far each installation's log is in this database; -1 = nothing of it yet. Moved in the transaction
-- that stores what was read, which is what makes the history exactly-once. stamp: epoch ms of that record.
create table historian.position (
    topic text not null,
    installation text not null,
    position bigint not null,
    stamp bigint not null,
    primary key (topic, installation)
);

-- What the log no longer held when we came to read it.
create table historian.gap (
    found timestamptz not null default now(),
    topic text not null,
    installation text not null,
    after_position bigint,
    until_position bigint not null,
    after_time timestamptz,
    until_time timestamptz not null,
    reason text not null
);

-- One point in one unit; a point whose unit changes gets a new series, so old readings keep their unit.
create table historian.series (
    id integer primary key,
    installation text not null,
    point text not null,
    unit text not null,
    unique (installation, point, unit)
);

-- The big one. Eight-byte columns first: no padding. No key: exactly-once comes from historian.position.
create table historian.reading (
    time timestamptz not null,
    received timestamptz not null,
    value double precision,
    series integer not null,
    quality smallint not null,
    backfill boolean not null
);
create index reading_time on historian.reading (time);

-- Times of one minute (hour) whose summary below is missing or out of date; the views work those out live.
create table historian.dirty_minute (bucket timestamptz primary key);
create table historian.dirty_hour (bucket timestamptz primary key);

create table historian.summary_1m (
    bucket timestamptz not null,
    series integer not null,
    n bigint not null,
    total double precision,
    min double precision,
    max double precision,
    last double precision,
    last_time timestamptz,
    primary key (bucket, series)
);
create table historian.summary_1h (like historian.summary_1m including all);

-- All minutes, whether summed up or not. Readings of quality bad (2) or without a value count for nothing.
create view historian.minutes as
    select s.bucket, s.series, s.n, s.total, s.min, s.max, s.last, s.last_time
    from historian.summary_1m s
    where not exists (select from historian.dirty_minute d where d.bucket = s.bucket)
    union all
    select d.bucket, m.series, m.n, m.total, m.min, m.max, m.last, m.last_time
    from historian.dirty_minute d
    cross join lateral (
        select r.series,
               count(r.value) filter (where r.quality < 2) as n,
               sum(r.value) filter (where r.quality < 2) as total,
               min(r.value) filter (where r.quality < 2) as min,
               max(r.value) filter (where r.quality < 2) as max,
               (array_agg(r.value order by r.time desc, r.received desc)
                   filter (where r.quality < 2 and r.value is not null))[1] as last,
               max(r.time) filter (where r.quality < 2 and r.value is not null) as last_time
        from historian.reading r
        where r.time >= d.bucket and r.time < d.bucket + interval '1 minute'
        group by r.series
    ) m;

-- All hours, from the minutes.
create view historian.hours as
    select s.bucket, s.series, s.n, s.total, s.min, s.max, s.last, s.last_time
    from historian.summary_1h s
    where not exists (select from historian.dirty_hour d where d.bucket = s.bucket)
    union all
    select d.bucket, h.series, h.n, h.total, h.min, h.max, h.last, h.last_time
    from historian.dirty_hour d
    cross join lateral (
        select m.series,
               sum(m.n)::bigint as n,
               sum(m.total) as total,
               min(m.min) as min,
               max(m.max) as max,
               (array_agg(m.last order by m.last_time desc) filter (where m.last_time is not null))[1] as last,
               max(m.last_time) as last_time
        from historian.minutes m
        where m.bucket >= d.bucket and m.bucket < d.bucket + interval '1 hour'
        group by m.series
    ) h;

create table historian.alarm_event (
    installation text not null,
    position bigint not null,
    ordinal integer not null,
    event_id text not null,
    seq bigint not null,
    time timestamptz not null,
    decided timestamptz not null,
    late_s double precision not null,
    alarm text not null,
    occurrence text,
    event text not null,
    from_state text,
    state text,
    priority text,
    value double precision,
    setpoint double precision,
    unit text,
    actor text,
    note text,
    reason text,
    drill text,
    primary key (installation, position, ordinal)
);
create index alarm_event_alarm on historian.alarm_event (alarm, seq);
create index alarm_event_time on historian.alarm_event (time);

-- The newest event with a state of each alarm that is not NORMAL.
create table historian.standing (
    like historian.alarm_event,
    primary key (alarm)
);

-- The engine's progress: commands up to here have their answer.
create table historian.judged (
    installation text primary key,
    position bigint not null,
    second timestamptz not null
);

create table historian.notification (
    sent_at timestamptz not null,
    event_id text not null,
    alarm text not null,
    occurrence text,
    person text,
    channel text not null,
    step integer not null,
    round integer not null,
    attempt integer not null,
    outcome text not null,
    provider_id text,
    receipt_at timestamptz,
    detail text
);
create index notification_sent_at on historian.notification (sent_at);
create index notification_event on historian.notification (event_id);

create table historian.dead_letter (
    received timestamptz not null,
    topic text not null,
    reason text not null,
    detail text not null,
    payload bytea not null,
    count bigint not null
);
create index dead_letter_received on historian.dead_letter (received);

create table historian.command (
    installation text not null,
    position bigint not null,
    time timestamptz not null,
    command text not null,
    alarm text,
    target text,
    actor text not null,
    note text,
    occurrence text,
    for_s double precision,
    one_shot boolean not null,
    mode text,
    id text,
    primary key (installation, position)
);
create index command_time on historian.command (time);

-- The configuration in force, replaced as a whole per installation. ordinal: place in the site file.
create table historian.point (
    installation text not null,
    ordinal integer not null,
    point text not null,
    name_en text not null,
    name_zh text not null,
    quantity text not null,
    unit text not null,
    low double precision,
    high double precision,
    period_s double precision,
    stale_after_s double precision,
    late_after_s double precision not null,
    enabled boolean not null,
    over_range text not null,
    alias text,
    equipment text,
    gateway text,
    gas text,
    primary key (installation, point)
);

create table historian.alarm_setting (
    installation text not null,
    ordinal integer not null,
    alarm text not null,
    point text,
    name text not null,
    kind text not null,
    class text not null,
    priority text not null,
    setpoint double precision,
    deadband double precision not null,
    unit text,
    on_delay_s double precision not null,
    off_delay_s double precision not null,
    latching boolean not null,
    ack_required boolean not null,
    realarm_s double precision,
    on_bad text not null,
    shelving_allowed boolean not null,
    shelving_max_s double precision not null,
    response_time_s double precision,
    cause_en text,
    cause_zh text,
    consequence_en text,
    consequence_zh text,
    action_en text,
    action_zh text,
    settings jsonb not null,
    primary key (installation, alarm)
);
