-- What deletes. Times are given in epoch ms. One statement under each name.

-- The log's time: that of the newest record stored.
-- name: newest
select max(stamp) from historian.position where topic = 'plant' and position >= 0

-- name: horizon
select case when isfinite(before) then (extract(epoch from before) * 1000)::bigint end from historian.horizon

-- name: one_at_a_time
select pg_try_advisory_xact_lock(x'666f72676574'::bigint)

-- name: wait_a_moment
set local lock_timeout = '2s'

-- name: hold_horizon
select from historian.horizon for update

-- Whether anything is to be deleted that is not closed yet.
-- name: is_needed
select h.before < given.before
       and (exists (select from historian.reading where time < given.before)
            or exists (select from historian.old_reading where received < given.before and not summed))
from historian.horizon h cross join (select to_timestamp(%(before)s / 1000.0) as before) given

-- name: some_are_late
select exists (select from historian.old_reading
               where not summed and time < (select before from historian.horizon))

-- Readings that came after their minute was closed: added up, and into the minutes and hours there are.
-- name: add_late
with late as (
    update historian.old_reading o set summed = true
    from historian.horizon h
    where not o.summed and o.time < h.before
    returning o.time, o.received, o.value, o.series, o.quality
), sums as (
    select width, to_timestamp(floor(extract(epoch from time) / width) * width) as bucket, series,
           count(value) filter (where quality < 2) as n,
           sum(value) filter (where quality < 2) as total,
           min(value) filter (where quality < 2) as min,
           max(value) filter (where quality < 2) as max,
           (array_agg(value order by time desc, received desc)
               filter (where quality < 2 and value is not null))[1] as last,
           max(time) filter (where quality < 2 and value is not null) as last_time
    from late cross join (values (60), (3600)) widths(width)
    where isfinite(time)
    group by 1, 2, 3
), minutes as (
    insert into historian.summary_1m as s (bucket, series, n, total, min, max, last, last_time)
    select bucket, series, n, total, min, max, last, last_time from sums where width = 60
    on conflict (bucket, series) do update set
        n = s.n + excluded.n,
        total = coalesce(s.total + excluded.total, s.total, excluded.total),
        min = least(s.min, excluded.min),
        max = greatest(s.max, excluded.max),
        last = case when s.last_time > excluded.last_time or excluded.last_time is null then s.last else excluded.last end,
        last_time = greatest(s.last_time, excluded.last_time)
)
insert into historian.summary_1h as s (bucket, series, n, total, min, max, last, last_time)
select bucket, series, n, total, min, max, last, last_time from sums where width = 3600
on conflict (bucket, series) do update set
    n = s.n + excluded.n,
    total = coalesce(s.total + excluded.total, s.total, excluded.total),
    min = least(s.min, excluded.min),
    max = greatest(s.max, excluded.max),
    last = case when s.last_time > excluded.last_time or excluded.last_time is null then s.last else excluded.last end,
    last_time = greatest(s.last_time, excluded.last_time)

-- name: dirty_minutes_before
select (extract(epoch from bucket) / 60)::bigint from historian.dirty_minute
where bucket < to_timestamp(%(before)s / 1000.0)

-- name: dirty_hours_before
select (extract(epoch from bucket) / 3600)::bigint from historian.dirty_hour
where bucket < to_timestamp(%(before)s / 1000.0)

-- name: summed
update historian.old_reading set summed = true where not summed and time < to_timestamp(%(before)s / 1000.0)

-- name: move_horizon
update historian.horizon set before = to_timestamp(%(before)s / 1000.0)

-- name: drop_chunks
select drop_chunks('historian.reading', older_than => to_timestamp(%(before)s / 1000.0))

-- name: forget_readings
delete from historian.reading where ctid = any(array(
    select ctid from historian.reading where time < to_timestamp(%(before)s / 1000.0) order by time limit 20000))

-- name: forget_old_readings
delete from historian.old_reading where ctid = any(array(
    select ctid from historian.old_reading where received < to_timestamp(%(before)s / 1000.0) and (summed or not isfinite(time))
    order by received limit 20000))

-- name: forget_dead_letters
delete from historian.dead_letter where ctid = any(array(
    select ctid from historian.dead_letter where received < to_timestamp(%(before)s / 1000.0)
    order by received limit 1000))

-- name: forget_minutes
delete from historian.summary_1m where ctid = any(array(
    select ctid from historian.summary_1m where bucket < to_timestamp(%(before)s / 1000.0) order by bucket limit 20000))

-- name: forgotten
insert into historian.forgotten as f (day, what, before, rows)
values (current_date, %(what)s, to_timestamp(%(before)s / 1000.0), %(rows)s)
on conflict (day, what) do update set before = excluded.before, rows = f.rows + excluded.rows

-- name: forgotten_chunks
insert into historian.forgotten as f (day, what, before, chunks)
values (current_date, %(what)s, to_timestamp(%(before)s / 1000.0), %(chunks)s)
on conflict (day, what) do update set before = excluded.before, chunks = f.chunks + excluded.chunks
