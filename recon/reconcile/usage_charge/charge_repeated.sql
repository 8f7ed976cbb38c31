-- charge_repeated: versions of charges and credits of which there are several, and which of them counts.
--
-- grain     system_id, txn_id, message_id
-- reads     charge_event
-- params    $as_of  DATE, what is posted later is not seen
-- money     as stated
-- rule      Usage and charge 1, step 1. The same transaction sent again with the same content is one;
--           with another content the newest counts (posted, then message id).
with repeated as (
    select
        system_id,
        txn_id
    from charge_event
    where coalesce(post_date, service_date) <= $as_of
    group by system_id, txn_id
    having count(*) > 1
),

seen as (
    select
        event.system_id,
        event.txn_id,
        event.message_id,
        event.facility_id,
        event.account_key,
        coalesce(event.service_at, cast(event.service_date as timestamp)) as service_at,
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
        event.reverses_txn_id
    from charge_event as event
    inner join repeated on event.system_id = repeated.system_id and event.txn_id = repeated.txn_id
    where coalesce(event.post_date, event.service_date) <= $as_of
),

versions as (
    select
        system_id,
        txn_id,
        message_id,
        posted_at,
        md5(
            facility_id || '|' || coalesce(account_key, '') || '|' || cast(service_at as varchar)
            || '|' || cast(posted_at as varchar) || '|' || type || '|' || cdm_code
            || '|' || cast(qty as varchar) || '|' || coalesce(cast(ext_amount as varchar), '')
            || '|' || coalesce(cast(unit_amount as varchar), '') || '|' || coalesce(dept_id, '')
            || '|' || coalesce(location_id, '') || '|' || coalesce(revenue_code, '')
            || '|' || coalesce(hcpcs, '') || '|' || coalesce(mods, '') || '|' || coalesce(item_id, '')
            || '|' || coalesce(udi_di, '') || '|' || coalesce(lot, '') || '|' || coalesce(serial_key, '')
            || '|' || coalesce(order_id, '') || '|' || coalesce(reverses_txn_id, '')
        ) as body
    from seen
),

differing as (
    select
        system_id,
        txn_id,
        min(body) <> max(body) as is_differing
    from versions
    group by system_id, txn_id
)

select
    versions.system_id,
    versions.txn_id,
    versions.message_id,
    row_number() over (
        partition by versions.system_id, versions.txn_id
        order by versions.posted_at desc, versions.message_id desc
    ) = 1 as is_newest,
    differing.is_differing
from versions
inner join differing on versions.system_id = differing.system_id and versions.txn_id = differing.txn_id
