-- The least there is to do: read the columns, join on account, code and day, add up, write.
create temp view expected as
select
    used.facility_id,
    used.account_key,
    map.cdm_code,
    used.used_date as day,
    sum(used.qty * unit.to_base_num * map.units_per_each_num) as units
from usage_event as used
inner join item_cdm_map as map on used.item_id = map.item_id
inner join item_uom as unit on used.item_id = unit.item_id and used.uom = unit.uom
group by all;

create temp view charged as
select
    facility_id,
    account_key,
    cdm_code,
    service_date as day,
    sum(case when type = 'CD' then -qty else qty end) as units
from charge_event
group by all;

create temp view joined as
select
    facility_id,
    account_key,
    cdm_code,
    day,
    coalesce(expected.units, 0) as expected,
    coalesce(charged.units, 0) as charged
from expected
full outer join charged using (facility_id, account_key, cdm_code, day);
