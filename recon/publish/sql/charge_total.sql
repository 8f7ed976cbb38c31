-- charge_total: what the open findings of a workbook come to: the foot of its lists.
--
-- grain     one row
-- reads     charge_detail
-- params    none
-- money     DECIMAL sums; lost and overcharged are never netted, nor are their nets; a net is empty where none is
--           configured, and net_findings says of how many findings it is
-- rule      summed from the findings themselves, not from the lists above the foot
select
    'USD' as currency,
    count(*) as exceptions,
    cast(coalesce(sum(lost), 0) as decimal(18, 2)) as lost,
    cast(coalesce(sum(overcharged), 0) as decimal(18, 2)) as overcharged,
    cast(coalesce(sum(at_risk), 0) as decimal(18, 2)) as at_risk,
    cast(sum(net) filter (where lost > 0) as decimal(18, 2)) as net,
    cast(-sum(net) filter (where overcharged > 0) as decimal(18, 2)) as net_overcharged,
    count(*) filter (where lost > 0) as lost_findings,
    count(*) filter (where lost > 0 and net is not null) as net_findings,
    count(*) filter (where overcharged > 0) as overcharged_findings,
    count(*) filter (where overcharged > 0 and net is not null) as net_overcharged_findings,
    count(*) filter (where severity = 1) as severe,
    count(*) filter (where days_to_bill between 0 and 1) as dropping,
    max(age_days) as oldest_days
from charge_detail
where state <> 'AUTO_CLOSED'
