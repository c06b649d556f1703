-- What the server has, and the big table made fit for it. One statement under each name.

-- Creating the extension on a server that did not load it at its start would end the connection. Who may not see
-- what was loaded may not create it either.
-- name: timescale
select exists (select from pg_extension where extname = 'timescaledb'),
       exists (select from pg_available_extensions where name = 'timescaledb')
       and exists (select from pg_settings where name = 'shared_preload_libraries' and setting like '%timescaledb%')

-- Without naming the schema, a role called hazardwatch would get it into the schema of our views.
-- name: make_extension
create extension if not exists timescaledb with schema public

-- Where its functions are found, whoever created it and where.
-- name: find_functions
select set_config('search_path', quote_ident(n.nspname), false)
from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'timescaledb'

-- name: licence
select setting from pg_settings where name = 'timescaledb.license'

-- name: is_hypertable
select (extract(epoch from time_interval) / 3600)::integer from timescaledb_information.dimensions
where hypertable_schema = 'historian' and hypertable_name = 'reading'

-- Our own index on time ascending stays the only one.
-- name: make_hypertable
select create_hypertable('historian.reading', 'time', chunk_time_interval => interval '1 day',
                         create_default_indexes => false, migrate_data => true)

-- name: chunk_length
select set_chunk_time_interval('historian.reading', %(hours)s * interval '1 hour')

-- name: is_columnstore
select from timescaledb_information.compression_settings
where hypertable_schema = 'historian' and hypertable_name = 'reading'

-- name: make_columnstore
alter table historian.reading set (timescaledb.compress, timescaledb.compress_segmentby = 'series',
                                   timescaledb.compress_orderby = 'time')

-- Chunks whose end is this long ago; what comes later still goes into them.
-- name: compress_later
select add_compression_policy('historian.reading', compress_after => interval '6 hours')
