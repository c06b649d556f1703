-- What migrate.py says. The number of the lock is any that nobody else uses: "hazwatch" in ASCII.

-- name: lock
select pg_advisory_lock(x'68617a7761746368'::bigint)

-- name: unlock
select pg_advisory_unlock(x'68617a7761746368'::bigint)

-- name: own_schema
create schema if not exists historian

-- name: own_table
create table if not exists historian.migration (
    number integer primary key,
    name text not null,
    digest text not null,
    applied timestamptz not null default now()
)

-- name: applied
select number, name, digest from historian.migration

-- name: record
insert into historian.migration (number, name, digest) values (%(number)s, %(name)s, %(digest)s)

-- name: claim_for_site
insert into historian.site (id) values (%(site)s) on conflict do nothing

-- name: site
select id from historian.site

-- name: grant_reader
do $$
begin
    if exists (select from pg_roles where rolname = 'hazardwatch_read') then
        grant usage on schema hazardwatch to hazardwatch_read;
        grant select on all tables in schema hazardwatch to hazardwatch_read;
    end if;
end
$$
