-- The Community edition's continuous aggregates behind the minutes and hours. One statement under each name.
--
-- An aggregate knows the hypertable only, shows late readings only once it is refreshed, and a refresh where readings
-- were deleted empties it. So the marks of dirty minutes decide here too, an open one is worked out live, and a minute
-- with readings beside the hypertable, or one that is closed and gets a late reading, is our own: in historian.summary_1m.

-- name: is_made
select to_regclass('historian_stored.hours') is not null

-- name: make
create schema historian_stored;

create materialized view historian_stored.minutes
    with (timescaledb.continuous, timescaledb.materialized_only = true) as
    select time_bucket(interval '1 minute', time) as bucket, series,
           count(value) filter (where quality < 2) as n,
           sum(value) filter (where quality < 2) as total,
           min(value) filter (where quality < 2) as min,
           max(value) filter (where quality < 2) as max,
           last(value, time) filter (where quality < 2 and value is not null) as last,
           max(time) filter (where quality < 2 and value is not null) as last_time
    from historian.reading
    group by 1, 2
    with no data;

create materialized view historian_stored.hours
    with (timescaledb.continuous, timescaledb.materialized_only = true) as
    select time_bucket(interval '1 hour', bucket) as bucket, series,
           sum(n)::bigint as n,
           sum(total) as total,
           min(min) as min,
           max(max) as max,
           last(last, last_time) filter (where last_time is not null) as last,
           max(last_time) as last_time
    from historian_stored.minutes
    group by 1, 2
    with no data;

-- Of our own: in historian.summary_1m, not in the aggregate.
create table historian_stored.own_minute (bucket timestamptz primary key);
insert into historian_stored.own_minute select distinct bucket from historian.summary_1m;
-- Taken from the marks, and not in the aggregate yet.
create table historian_stored.refreshing_minute (bucket timestamptz primary key);
create view historian_stored.open_minute as
    select bucket from historian.dirty_minute union select bucket from historian_stored.refreshing_minute;

-- Of our own: in historian.summary_1h, not in the aggregate.
create table historian_stored.own_hour (bucket timestamptz primary key);
insert into historian_stored.own_hour select distinct bucket from historian.summary_1h;
-- Taken from the marks, and not in the aggregate yet.
create table historian_stored.refreshing_hour (bucket timestamptz primary key);
create view historian_stored.open_hour as
    select bucket from historian.dirty_hour union select bucket from historian_stored.refreshing_hour;

create or replace view historian.minutes as
    select a.bucket, a.series, a.n, a.total, a.min, a.max, a.last, a.last_time
    from historian_stored.minutes a
    where not exists (select from historian_stored.open_minute o where o.bucket = a.bucket)
      and not exists (select from historian_stored.own_minute o where o.bucket = a.bucket)
    union all
    select s.bucket, s.series, s.n, s.total, s.min, s.max, s.last, s.last_time
    from historian.summary_1m s
    where not exists (select from historian_stored.open_minute o where o.bucket = s.bucket)
    union all
    select o.bucket, m.series, m.n, m.total, m.min, m.max, m.last, m.last_time
    from historian_stored.open_minute o
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
        where r.time >= o.bucket and r.time < o.bucket + interval '1 minute'
        group by r.series
    ) m;

create or replace view historian.hours as
    select a.bucket, a.series, a.n, a.total, a.min, a.max, a.last, a.last_time
    from historian_stored.hours a
    where not exists (select from historian_stored.open_hour o where o.bucket = a.bucket)
      and not exists (select from historian_stored.own_hour o where o.bucket = a.bucket)
    union all
    select s.bucket, s.series, s.n, s.total, s.min, s.max, s.last, s.last_time
    from historian.summary_1h s
    where not exists (select from historian_stored.open_hour o where o.bucket = s.bucket)
    union all
    select o.bucket, h.series, h.n, h.total, h.min, h.max, h.last, h.last_time
    from historian_stored.open_hour o
    cross join lateral (
        select m.series,
               sum(m.n)::bigint as n,
               sum(m.total) as total,
               min(m.min) as min,
               max(m.max) as max,
               (array_agg(m.last order by m.last_time desc) filter (where m.last_time is not null))[1] as last,
               max(m.last_time) as last_time
        from historian.minutes m
        where m.bucket >= o.bucket and m.bucket < o.bucket + interval '1 hour'
        group by m.series
    ) h;

-- One at a time: what is being refreshed belongs to who holds this. Gone with the connection.
-- name: have_it_all
select pg_try_advisory_lock(x'726566726573'::bigint)

-- name: let_go
select pg_advisory_unlock(x'726566726573'::bigint)

-- A minute with readings beside the hypertable, or that is our own already.
-- name: is_own_minute
select exists (select from historian_stored.own_minute where bucket = given.bucket)
    or exists (select from historian.old_reading
               where time >= given.bucket and time < given.bucket + interval '1 minute')
from (select timestamptz 'epoch' + %(number)s * interval '1 minute' as bucket) given

-- An hour that has such a minute, or one that is open: the hour's aggregate is made from the minutes' aggregate.
-- name: is_own_hour
select exists (select from historian_stored.own_hour where bucket = given.bucket)
    or exists (select from historian_stored.own_minute
               where bucket >= given.bucket and bucket < given.bucket + interval '1 hour')
    or exists (select from historian_stored.open_minute
               where bucket >= given.bucket and bucket < given.bucket + interval '1 hour')
from (select timestamptz 'epoch' + %(number)s * interval '1 hour' as bucket) given

-- name: make_own_minute
insert into historian_stored.own_minute values (timestamptz 'epoch' + %(number)s * interval '1 minute') on conflict do nothing

-- name: set_aside_minute
insert into historian_stored.refreshing_minute values (timestamptz 'epoch' + %(number)s * interval '1 minute') on conflict do nothing

-- name: refreshing_minutes
select (extract(epoch from bucket) / 60)::bigint from historian_stored.refreshing_minute order by bucket

-- name: refresh_minute
call refresh_continuous_aggregate('historian_stored.minutes', timestamptz 'epoch' + %(number)s * interval '1 minute', timestamptz 'epoch' + %(number)s * interval '1 minute' + interval '1 minute')

-- name: refreshed_minute
delete from historian_stored.refreshing_minute where bucket = timestamptz 'epoch' + %(number)s * interval '1 minute'

-- Not in the aggregate yet, and to be closed: summed up by ourselves.
-- name: take_back_minutes
with back as (
    delete from historian_stored.refreshing_minute where bucket < to_timestamp(%(before)s / 1000.0) returning bucket
)
insert into historian.dirty_minute select bucket from back on conflict do nothing

-- The aggregate's rows of closed minutes that get a late reading become our own.
-- name: adopt_minutes
with late as (
    select distinct time_bucket(interval '1 minute', time) as bucket from historian.old_reading
    where not summed and isfinite(time) and time < (select before from historian.horizon)
), own as (
    insert into historian_stored.own_minute select bucket from late on conflict do nothing returning bucket
)
insert into historian.summary_1m (bucket, series, n, total, min, max, last, last_time)
select a.bucket, a.series, a.n, a.total, a.min, a.max, a.last, a.last_time
from historian_stored.minutes a join own using (bucket)

-- name: make_own_hour
insert into historian_stored.own_hour values (timestamptz 'epoch' + %(number)s * interval '1 hour') on conflict do nothing

-- name: set_aside_hour
insert into historian_stored.refreshing_hour values (timestamptz 'epoch' + %(number)s * interval '1 hour') on conflict do nothing

-- name: refreshing_hours
select (extract(epoch from bucket) / 3600)::bigint from historian_stored.refreshing_hour order by bucket

-- name: refresh_hour
call refresh_continuous_aggregate('historian_stored.hours', timestamptz 'epoch' + %(number)s * interval '1 hour', timestamptz 'epoch' + %(number)s * interval '1 hour' + interval '1 hour')

-- name: refreshed_hour
delete from historian_stored.refreshing_hour where bucket = timestamptz 'epoch' + %(number)s * interval '1 hour'

-- Not in the aggregate yet, and to be closed: summed up by ourselves.
-- name: take_back_hours
with back as (
    delete from historian_stored.refreshing_hour where bucket < to_timestamp(%(before)s / 1000.0) returning bucket
)
insert into historian.dirty_hour select bucket from back on conflict do nothing

-- The aggregate's rows of closed hours that get a late reading become our own.
-- name: adopt_hours
with late as (
    select distinct time_bucket(interval '1 hour', time) as bucket from historian.old_reading
    where not summed and isfinite(time) and time < (select before from historian.horizon)
), own as (
    insert into historian_stored.own_hour select bucket from late on conflict do nothing returning bucket
)
insert into historian.summary_1h (bucket, series, n, total, min, max, last, last_time)
select a.bucket, a.series, a.n, a.total, a.min, a.max, a.last, a.last_time
from historian_stored.hours a join own using (bucket)

-- name: forget_own_minutes
delete from historian_stored.own_minute where bucket < to_timestamp(%(before)s / 1000.0)

-- name: forget_minutes
select drop_chunks('historian_stored.minutes', older_than => to_timestamp(%(before)s / 1000.0))
