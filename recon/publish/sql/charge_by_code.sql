-- charge_by_code: open findings counted and summed by rule.
--
-- grain     code
-- reads     charge_detail
-- params    none
-- money     DECIMAL sums; lost and overcharged are never netted; net is of the lost, and empty where none is
--           configured
-- rule      open findings only; safety first, then dollars
select
    'USD' as currency,
    code,
    min(title) as title,
    min(severity) as severity,
    min(queue) as queue,
    count(*) as exceptions,
    cast(sum(lost) as decimal(18, 2)) as lost,
    cast(sum(overcharged) as decimal(18, 2)) as overcharged,
    cast(coalesce(sum(at_risk), 0) as decimal(18, 2)) as at_risk,
    cast(sum(net) filter (where lost > 0) as decimal(18, 2)) as net,
    max(age_days) as oldest_days
from charge_detail
where state <> 'AUTO_CLOSED'
group by code
order by min(severity) asc, sum(lost) + sum(overcharged) desc, code asc
