-- Several historians on one database, an end to how long readings are kept, and readings of odd times apart.

-- The position itself is the fence now: a batch moves it from where its writer left it, or fails whole.
drop table historian.writer;

-- Numbers of series are the database's to give, because several writers ask.
create sequence historian.series_id as integer owned by historian.series.id;
select setval('historian.series_id', coalesce((select max(id) from historian.series), 0) + 1, false);
alter table historian.series alter column id set default nextval('historian.series_id');

-- Readings from before this may be deleted, and their minutes and hours are closed: summed up for good.
create table historian.horizon (
    only_one boolean primary key default true check (only_one),
    before timestamptz not null
);
insert into historian.horizon (before) values ('-infinity');

-- What retention took away: how much on which day.
create table historian.forgotten (
    day date not null,
    what text not null,
    before timestamptz not null,
    rows bigint not null default 0,
    chunks integer not null default 0,
    primary key (day, what)
);

-- A device with a wild clock may stamp each reading with a day of its own. Such readings must not make a
-- chunk of the hypertable each. summed: it is part of the closed minutes and hours.
create table historian.old_reading (
    like historian.reading,
    summed boolean not null default false
);
create index old_reading_time on historian.old_reading (time);
create index old_reading_received on historian.old_reading (received);
create index old_reading_unsummed on historian.old_reading (time) where not summed;

with old as (
    delete from historian.reading where time < received - interval '30 days' or not isfinite(time)
    returning time, received, value, series, quality, backfill
)
insert into historian.old_reading (time, received, value, series, quality, backfill) select * from old;

create view historian.every_reading as
    select time, received, value, series, quality, backfill from historian.reading
    union all
    select time, received, value, series, quality, backfill from historian.old_reading;

create or replace view historian.minutes as
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
        from historian.every_reading r
        where r.time >= d.bucket and r.time < d.bucket + interval '1 minute'
        group by r.series
    ) m;

create or replace view hazardwatch.readings as
    select r.time, s.installation, s.point, r.value, s.unit,
           case when r.quality = 2 or r.value is null then 'bad' when r.quality = 1 then 'uncertain' else 'good' end
               as quality,
           r.received, r.backfill
    from historian.every_reading r
    join historian.series s on s.id = r.series;

-- Rows are deleted at the old end as they come at the new one: without TimescaleDB, vacuum has to keep up.
do $$
begin
    if not exists (select from pg_extension where extname = 'timescaledb') then
        alter table historian.reading set (autovacuum_vacuum_scale_factor = 0.02);
    end if;
end
$$;

comment on column hazardwatch.readings.value is
    'In the column unit, rounded to the point''s resolution where it has one; for a state point the number of the state. Null: the device sent null, NaN or infinity.';
comment on table historian.horizon is
    'Readings of times before this may be deleted; their minutes and hours are closed, late readings are added to them.';
comment on table historian.forgotten is 'What was deleted because its time to be kept was over, by day.';
comment on table historian.old_reading is
    'Readings that came 30 days or more after their time, or whose time no calendar has; kept as long as others, from when they came.';
comment on view historian.every_reading is 'Both tables of readings.';
