-- What keeps the summaries. Minutes and hours are numbered since 1970. One statement under each name.

-- How far things are closed (epoch ms; null: not at all) and how many of these marks there are; all of it stays so until
-- the transaction ends.
-- name: hold
with closed as (
    select before from historian.horizon for key share
), minutes as (
    select from historian.dirty_minute
    where bucket = any(array(select timestamptz 'epoch' + number * interval '1 minute'
                             from unnest(%(minute)s::bigint[]) number))
    for key share
), hours as (
    select from historian.dirty_hour
    where bucket = any(array(select timestamptz 'epoch' + number * interval '1 hour'
                             from unnest(%(hour)s::bigint[]) number))
    for key share
)
select (select case when isfinite(before) then (extract(epoch from before) * 1000)::bigint end from closed),
       (select count(*) from minutes), (select count(*) from hours)

-- name: dirty_minutes
select (extract(epoch from bucket) / 60)::bigint from historian.dirty_minute

-- name: mark_minutes
insert into historian.dirty_minute (bucket)
select timestamptz 'epoch' + number * interval '1 minute' from unnest(%(numbers)s::bigint[]) number
on conflict do nothing

-- A mark of what was closed meanwhile: nothing was written to it but what is added to it later.
-- name: void_minutes
delete from historian.dirty_minute where bucket < (select before from historian.horizon)

-- name: lock_minute
select true from historian.dirty_minute
where bucket = timestamptz 'epoch' + %(number)s * interval '1 minute'
  and bucket >= (select before from historian.horizon)
for update skip locked

-- name: clear_minute
delete from historian.summary_1m where bucket = timestamptz 'epoch' + %(number)s * interval '1 minute'

-- The view works out a dirty minute.
-- name: sum_up_minute
insert into historian.summary_1m (bucket, series, n, total, min, max, last, last_time)
select bucket, series, n, total, min, max, last, last_time
from historian.minutes where bucket = timestamptz 'epoch' + %(number)s * interval '1 minute'

-- name: minute_is_clean
delete from historian.dirty_minute where bucket = timestamptz 'epoch' + %(number)s * interval '1 minute'

-- name: dirty_hours
select (extract(epoch from bucket) / 3600)::bigint from historian.dirty_hour

-- name: mark_hours
insert into historian.dirty_hour (bucket)
select timestamptz 'epoch' + number * interval '1 hour' from unnest(%(numbers)s::bigint[]) number
on conflict do nothing

-- A mark of what was closed meanwhile: nothing was written to it but what is added to it later.
-- name: void_hours
delete from historian.dirty_hour where bucket < (select before from historian.horizon)

-- name: lock_hour
select true from historian.dirty_hour
where bucket = timestamptz 'epoch' + %(number)s * interval '1 hour'
  and bucket >= (select before from historian.horizon)
for update skip locked

-- name: clear_hour
delete from historian.summary_1h where bucket = timestamptz 'epoch' + %(number)s * interval '1 hour'

-- The view works out a dirty hour.
-- name: sum_up_hour
insert into historian.summary_1h (bucket, series, n, total, min, max, last, last_time)
select bucket, series, n, total, min, max, last, last_time
from historian.hours where bucket = timestamptz 'epoch' + %(number)s * interval '1 hour'

-- name: hour_is_clean
delete from historian.dirty_hour where bucket = timestamptz 'epoch' + %(number)s * interval '1 hour'
