-- charge_finding_filed: findings without a queue or severity of their code, or without evidence.
--
-- grain     exception_key
-- reads     charge_exception, charge_exception_evidence, exception_code, edit_code
-- params    none
-- money     none
-- rule      Usage and charge 1, tables: every finding names its records and goes to its code's queue; its
--           severity is the code's, or nearer to 1, and information (4) stays so. Of some codes what is
--           billed goes to another queue.
with evidenced as (
    select
        exception_key,
        count(*) as records
    from charge_exception_evidence
    group by exception_key
)

select
    found.exception_key,
    found.code,
    found.queue,
    found.severity,
    cast(coalesce(evidenced.records, 0) as bigint) as records
from charge_exception as found
left join evidenced on found.exception_key = evidenced.exception_key
left join exception_code as code on found.code = code.code
left join edit_code as billed
    on billed.kind = 'BILLED_QUEUE' and found.code = billed.code and found.queue = billed.needs
where
    found.state <> 'AUTO_CLOSED'
    and (
        evidenced.exception_key is null
        or code.code is null
        or (found.queue <> code.queue and billed.code is null)
        or (found.severity <> code.severity and (code.severity = 4 or found.severity not in (1, 2)))
        or found.severity > code.severity
    )
