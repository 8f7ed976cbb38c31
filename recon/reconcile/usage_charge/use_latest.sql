-- use_latest: each record of use as its newest version says it.
--
-- grain     system_id, usage_id
-- reads     usage_event
-- params    $as_of  DATE, what is used later is not seen
-- money     unit_cost as stated
-- rule      Usage and charge 1, tables and step 1: of several versions the one that was written down
--           last counts (documented, then message id). A deleted record is none.
with seen as (
    select
        system_id,
        usage_id,
        message_id,
        facility_id,
        account_key,
        visit_key,
        case_key,
        used_date,
        coalesce(used_at, cast(used_date as timestamp)) as used_at,
        documented_at,
        dept_id,
        location_id,
        item_id,
        catalog_no,
        udi_key,
        udi_di,
        udi_verdict,
        lot,
        serial_key,
        donation_key,
        expiry_date,
        qty,
        uom,
        coalesce(disposition, 'USED') as disposition,
        coalesce(mode, 'STOCK') as mode,
        po_id,
        unit_cost,
        coalesce(status, 'ACTIVE') as status
    from usage_event
    where used_date <= $as_of
),

repeated as (
    select
        system_id,
        usage_id
    from seen
    group by system_id, usage_id
    having count(*) > 1
),

ordered as (
    select
        seen.*,
        row_number() over (
            partition by seen.system_id, seen.usage_id order by documented_at desc nulls last, message_id desc
        ) as age
    from seen
    inner join repeated on seen.system_id = repeated.system_id and seen.usage_id = repeated.usage_id
)

select seen.*
from seen
left join repeated on seen.system_id = repeated.system_id and seen.usage_id = repeated.usage_id
where repeated.usage_id is null and seen.status <> 'DELETED'
union all
select
    system_id,
    usage_id,
    message_id,
    facility_id,
    account_key,
    visit_key,
    case_key,
    used_date,
    used_at,
    documented_at,
    dept_id,
    location_id,
    item_id,
    catalog_no,
    udi_key,
    udi_di,
    udi_verdict,
    lot,
    serial_key,
    donation_key,
    expiry_date,
    qty,
    uom,
    disposition,
    mode,
    po_id,
    unit_cost,
    status
from ordered
where age = 1 and status <> 'DELETED'
