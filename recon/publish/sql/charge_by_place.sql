-- charge_by_place: open findings counted and summed by hospital and department.
--
-- grain     facility_id, dept_id
-- reads     charge_detail
-- params    none
-- money     DECIMAL sums; lost and overcharged are never netted; net is of the lost, and empty where none is
--           configured
-- rule      open findings only
select
    'USD' as currency,
    coalesce(facility_id, 'not stated') as facility_id,
    coalesce(dept_id, 'not stated') as dept_id,
    count(*) as exceptions,
    cast(sum(lost) as decimal(18, 2)) as lost,
    cast(sum(overcharged) as decimal(18, 2)) as overcharged,
    cast(coalesce(sum(at_risk), 0) as decimal(18, 2)) as at_risk,
    cast(sum(net) filter (where lost > 0) as decimal(18, 2)) as net,
    max(age_days) as oldest_days
from charge_detail
where state <> 'AUTO_CLOSED'
group by coalesce(facility_id, 'not stated'), coalesce(dept_id, 'not stated')
order by sum(lost) + sum(overcharged) desc, facility_id asc, dept_id asc
