-- charge_record_accounted: records of use and charges handed in that are in no result and in no finding.
--
-- grain     side, system_id, record_id
-- reads     charge_latest, use_latest, charge_line_result, usage_line_result
-- params    none
-- money     none
-- rule      Usage and charge 1, invariants 3 and 5: every record in force is in its result once, whatever
--           number of times it was sent.
select
    'C' as side,
    latest.system_id,
    latest.txn_id as record_id,
    count(result.txn_id) as results
from charge_latest as latest
left join charge_line_result as result
    on
        latest.facility_id = result.facility_id
        and latest.system_id = result.system_id
        and latest.txn_id = result.txn_id
where latest.type = 'CG' and latest.qty >= 0 and latest.status <> 'DELETED'
group by latest.system_id, latest.txn_id
having count(result.txn_id) <> 1
union all
select
    'U' as side,
    latest.system_id,
    latest.usage_id as record_id,
    count(result.usage_id) as results
from use_latest as latest
left join usage_line_result as result
    on
        latest.facility_id = result.facility_id
        and latest.system_id = result.system_id
        and latest.usage_id = result.usage_id
group by latest.system_id, latest.usage_id
having count(result.usage_id) <> 1
