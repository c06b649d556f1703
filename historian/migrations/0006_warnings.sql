-- Graded warnings of installations: every change of their life.
create table historian.warning (
    installation text not null,
    warning text not null,
    seq bigint not null,
    time timestamptz not null,
    event text not null,
    from_level text,
    level text,
    actor text,
    verdict text,
    cause text,
    note text,
    reason text,
    alarms text[] not null,
    primary key (installation, seq)
);
create index warning_time on historian.warning (time);

create view hazardwatch.warnings as
    select time, installation, warning, seq, event, from_level as "from", level, actor, verdict, cause, note, reason, alarms
    from historian.warning;

comment on table historian.warning is 'Every change of a graded warning.';
comment on view hazardwatch.warnings is 'The life of the installations'' graded warnings; order by installation, seq.';
comment on column hazardwatch.warnings.time is 'Log time of the change. UTC, ms.';
comment on column hazardwatch.warnings.installation is 'Whose warning.';
comment on column hazardwatch.warnings.warning is 'The warning''s id, from issued to cleared.';
comment on column hazardwatch.warnings.seq is 'Counts the changes of one installation from 1.';
comment on column hazardwatch.warnings.event is
    'issued, raised, lowered, signed, verified, disposed, fed_back, cleared, or refused (with the reason).';
comment on column hazardwatch.warnings."from" is 'Level before: red, orange, yellow, blue; null: none.';
comment on column hazardwatch.warnings.level is 'Level after; null: cleared.';
comment on column hazardwatch.warnings.actor is 'Person id of who signed or acted.';
comment on column hazardwatch.warnings.verdict is 'true, false or maintenance.';
comment on column hazardwatch.warnings.cause is 'Why it came, as the person said.';
comment on column hazardwatch.warnings.note is 'What the person said besides.';
comment on column hazardwatch.warnings.reason is 'Why it was refused.';
comment on column hazardwatch.warnings.alarms is 'Alarm ids that make the level, at most 20.';
