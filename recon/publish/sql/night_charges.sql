-- night_charges: what a person at the terminal is told of a night's findings on charges.
--
-- grain     one row
-- reads     charge_exception
-- params    none
-- money     sums of DECIMAL; lost and overcharged are never netted
-- rule      open findings; severe are those of severity 1: safety, compliance, $5,000 and more. The amount of a
--           charge that came at the wrong time is information, and in no sum
select
    count(*) as findings,
    count(*) filter (where severity = 1) as severe,
    cast(coalesce(sum(charge_missing(code, gross)), 0) as decimal(18, 2)) as lost,
    cast(coalesce(-sum(gross) filter (where gross < 0), 0) as decimal(18, 2)) as overcharged,
    cast(coalesce(sum(at_risk), 0) as decimal(18, 2)) as at_risk
from charge_exception
where state <> 'AUTO_CLOSED'
