-- use_latest: each record of use once, as its newest version says it.
--
-- grain     system_id, usage_id
-- reads     usage_event, use_repeated
-- held      no
-- params    $as_of  DATE, what is used later is not seen
-- money     unit_cost as stated
-- rule      A record of which the newest version says that it is deleted is none. A GTIN has fourteen digits,
--           however many zeros in front of it were lost. (Usage and charge 1, tables and step 1.)
select
    event.system_id,
    event.usage_id,
    event.facility_id,
    event.account_key,
    event.visit_key,
    event.case_key,
    event.used_date,
    coalesce(event.used_at, cast(event.used_date as timestamp)) as used_at,
    event.dept_id,
    event.location_id,
    event.item_id,
    event.catalog_no,
    event.udi_key,
    case
        when length(event.udi_di) < 14 and regexp_replace(event.udi_di, '[0-9]', '', 'g') = ''
            then lpad(event.udi_di, 14, '0')
        else event.udi_di
    end as udi_di,
    event.udi_verdict,
    event.lot,
    event.serial_key,
    event.donation_key,
    event.expiry_date,
    event.qty,
    event.uom,
    coalesce(event.disposition, 'USED') as disposition,
    coalesce(event.mode, 'STOCK') as mode,
    event.po_id,
    event.unit_cost
from usage_event as event
left join use_repeated as repeated
    on
        event.system_id = repeated.system_id
        and event.usage_id = repeated.usage_id
        and event.message_id = repeated.message_id
where
    event.used_date <= $as_of
    and coalesce(repeated.is_newest, true)
    and coalesce(event.status, 'ACTIVE') <> 'DELETED'
