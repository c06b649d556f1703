-- What the API and the command line ask. One statement under each name; %(x)s are parameters; all read views only.

-- The newest events of one alarm; limit: how many.
-- name: events_of_alarm
select * from hazardwatch.alarm_events where alarm = %(alarm)s order by seq desc limit %(limit)s

-- The newest events of an installation (null: of all), decided in [since, until).
-- name: events_between
select * from hazardwatch.alarm_events
where decided >= %(since)s and decided < %(until)s
  and (%(installation)s::text is null or starts_with(alarm, %(installation)s || '/'))
order by decided desc, seq desc limit %(limit)s

-- Readings of a point with accepted time in [since, until), the oldest first.
-- name: readings_of_point
select time, value, unit, quality, received, backfill from hazardwatch.readings
where installation = %(installation)s and point = %(point)s and time >= %(since)s and time < %(until)s
order by time limit %(limit)s

-- The same by minute.
-- name: minutes_of_point
select bucket, n, min, max, avg, last from hazardwatch.readings_1m
where installation = %(installation)s and point = %(point)s and bucket >= %(since)s and bucket < %(until)s
order by bucket

-- The same by hour.
-- name: hours_of_point
select bucket, n, min, max, avg, last from hazardwatch.readings_1h
where installation = %(installation)s and point = %(point)s and bucket >= %(since)s and bucket < %(until)s
order by bucket

-- Every attempt to tell somebody of one event.
-- name: notifications_of_event
select * from hazardwatch.notifications where event_id = %(event_id)s order by sent_at

-- Refused messages received in [since, until), by reason, the most frequent first.
-- name: dead_letters_by_reason
select reason, count(*) as kept, max(received) as newest from hazardwatch.dead_letters
where received >= %(since)s and received < %(until)s
group by reason order by kept desc, reason

-- How much there is. readings: by the summaries, so that no big table is counted; quality bad and null not included.
-- name: counts
select (select coalesce(sum(n), 0)::bigint from hazardwatch.readings_1h) as readings,
       (select count(*) from hazardwatch.alarm_events) as alarm_events,
       (select count(*) from hazardwatch.notifications) as notifications,
       (select count(*) from hazardwatch.dead_letters) as dead_letters,
       (select count(*) from hazardwatch.commands) as commands

-- Everything that happened in [since, until), in the order of each installation's log.
-- name: all_events_between
select * from hazardwatch.alarm_events
where time >= %(since)s and time < %(until)s
  and (%(installation)s::text is null or starts_with(alarm, %(installation)s || '/'))
order by time, seq

-- The newest event of each alarm before a time: what stood then.
-- name: standing_at
select distinct on (alarm) * from hazardwatch.alarm_events
where time < %(since)s and state is not null and event not in ('refused', 'late_excursion')
  and (%(installation)s::text is null or starts_with(alarm, %(installation)s || '/'))
order by alarm, seq desc

-- All readings received in [since, until), in the order in which they came.
-- name: all_readings_between
select received, installation, point, time, value, quality, unit from hazardwatch.readings
where received >= %(since)s and received < %(until)s order by received, time
