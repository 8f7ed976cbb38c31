-- night_charges: what a person at the terminal is told of a night's findings on charges.
--
-- grain     one row
-- reads     charge_exception, exception_code
-- params    none
-- money     sums of DECIMAL; lost and overcharged are never netted
-- rule      open findings, and beside them those that an analyst's answer overrides, which every sum counts too; severe
--           are those of severity 1: safety, compliance, $5,000 and more. Amounts of codes that are in no sum
--           (exception_code) are in none
select
    count(*) filter (where found.state = 'OPEN') as findings,
    count(*) filter (where found.state = 'OVERRIDDEN') as overridden,
    count(*) filter (where found.severity = 1) as severe,
    cast(coalesce(sum(found.gross) filter (where found.gross > 0 and code.in_sums = 'Y'), 0) as decimal(18, 2)) as lost,
    cast(
        coalesce(-sum(found.gross) filter (where found.gross < 0 and code.in_sums = 'Y'), 0) as decimal(18, 2)
    ) as overcharged,
    cast(coalesce(sum(found.at_risk), 0) as decimal(18, 2)) as at_risk
from charge_exception as found
left join exception_code as code on found.code = code.code
where found.state <> 'AUTO_CLOSED'
