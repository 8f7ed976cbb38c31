-- charge_total: what the open findings of a workbook come to: the foot of its lists.
--
-- grain     one row
-- reads     charge_detail
-- params    none
-- money     DECIMAL sums; lost and overcharged are never netted; net is empty where none is configured
-- rule      summed from the findings themselves, not from the lists above the foot
select
    'USD' as currency,
    count(*) as exceptions,
    cast(coalesce(sum(lost), 0) as decimal(18, 2)) as lost,
    cast(coalesce(sum(overcharged), 0) as decimal(18, 2)) as overcharged,
    cast(coalesce(sum(at_risk), 0) as decimal(18, 2)) as at_risk,
    cast(sum(net) as decimal(18, 2)) as net,
    max(age_days) as oldest_days
from charge_detail
where state = 'OPEN'
