-- Where the server offers TimescaleDB, readings become a hypertable; everywhere else this does nothing.
-- Our own index on time ascending stays the only one.
do $$
begin
    if not exists (select from pg_available_extensions where name = 'timescaledb') then
        return;
    end if;
    begin
        create extension if not exists timescaledb;
    exception when insufficient_privilege then
        raise notice 'TimescaleDB is there, but this role may not create the extension: readings stay a plain table';
        return;
    end;
    perform create_hypertable('historian.reading', 'time',
                              chunk_time_interval => interval '1 day', create_default_indexes => false);
end
$$;
