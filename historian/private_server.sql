-- What the private server needs before the migrations. Run by its owner.

-- name: database_exists
select from pg_database where datname = 'hazardwatch'

-- name: create_database
create database hazardwatch

-- name: reader_exists
select from pg_roles where rolname = 'hazardwatch_read'

-- name: create_reader
create role hazardwatch_read login

-- name: set_reader
alter role hazardwatch_read password %(password)s

-- name: reader_reads_only
alter role hazardwatch_read set default_transaction_read_only = on

-- name: reader_search_path
alter role hazardwatch_read set search_path = hazardwatch

-- name: ping
select 1
