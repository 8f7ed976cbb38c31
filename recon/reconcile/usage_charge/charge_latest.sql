-- charge_latest: each charge and credit once, as its newest version says it.
--
-- grain     system_id, txn_id
-- reads     charge_event, charge_repeated
-- held      no
-- params    $as_of  DATE, what is posted later is not seen
-- money     as stated
-- rule      Of several versions the newest counts. It is in conflict with those before it (DQ04), because somebody must
--           know which is true, unless it takes the charge back (DELETED). (Usage and charge 1, step 1.)
select
    event.system_id,
    event.txn_id,
    event.message_id,
    event.facility_id,
    event.account_key,
    event.service_date,
    coalesce(event.service_at, cast(event.service_date as timestamp)) as service_at,
    coalesce(event.post_date, event.service_date) as post_date,
    coalesce(event.posted_at, cast(coalesce(event.post_date, event.service_date) as timestamp)) as posted_at,
    coalesce(event.type, 'CG') as type,
    event.cdm_code,
    event.qty,
    event.ext_amount,
    event.unit_amount,
    event.dept_id,
    event.location_id,
    event.revenue_code,
    event.hcpcs,
    event.mods,
    event.item_id,
    event.udi_di,
    event.lot,
    event.serial_key,
    event.order_id,
    event.reverses_txn_id,
    event.repeat_reason,
    coalesce(event.status, 'ACTIVE') as status,
    coalesce(repeated.is_differing, false) and coalesce(event.status, 'ACTIVE') <> 'DELETED' as is_conflict
from charge_event as event
left join charge_repeated as repeated
    on
        event.system_id = repeated.system_id
        and event.txn_id = repeated.txn_id
        and event.message_id = repeated.message_id
where coalesce(event.post_date, event.service_date) <= $as_of and coalesce(repeated.is_newest, true)
