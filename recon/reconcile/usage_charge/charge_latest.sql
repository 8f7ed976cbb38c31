-- charge_latest: each charge and credit as its newest version says it.
--
-- grain     system_id, txn_id
-- reads     charge_event
-- params    $as_of  DATE, what is posted later is not seen
-- money     as stated
-- rule      Usage and charge 1, step 1. The same transaction sent again with the same content is one;
--           with another content the newest counts (posted, then message id), and it is a conflict
--           (DQ04) unless it takes the charge back (DELETED).
with seen as (
    select
        system_id,
        txn_id,
        message_id,
        facility_id,
        account_key,
        service_date,
        coalesce(service_at, cast(service_date as timestamp)) as service_at,
        coalesce(post_date, service_date) as post_date,
        coalesce(posted_at, cast(coalesce(post_date, service_date) as timestamp)) as posted_at,
        coalesce(type, 'CG') as type,
        cdm_code,
        qty,
        ext_amount,
        unit_amount,
        dept_id,
        location_id,
        revenue_code,
        hcpcs,
        mods,
        item_id,
        udi_di,
        lot,
        serial_key,
        order_id,
        reverses_txn_id,
        repeat_reason,
        coalesce(status, 'ACTIVE') as status
    from charge_event
    where coalesce(post_date, service_date) <= $as_of
),

repeated as (
    select
        system_id,
        txn_id
    from seen
    group by system_id, txn_id
    having count(*) > 1
),

versions as (
    select
        seen.*,
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
    inner join repeated on seen.system_id = repeated.system_id and seen.txn_id = repeated.txn_id
),

ordered as (
    select
        versions.*,
        row_number() over (
            partition by system_id, txn_id order by posted_at desc, message_id desc
        ) as age
    from versions
),

differing as (
    select
        system_id,
        txn_id,
        min(body) <> max(body) as is_conflict
    from versions
    group by system_id, txn_id
)

select
    seen.*,
    false as is_conflict
from seen
left join repeated on seen.system_id = repeated.system_id and seen.txn_id = repeated.txn_id
where repeated.txn_id is null
union all
select
    ordered.system_id,
    ordered.txn_id,
    ordered.message_id,
    ordered.facility_id,
    ordered.account_key,
    ordered.service_date,
    ordered.service_at,
    ordered.post_date,
    ordered.posted_at,
    ordered.type,
    ordered.cdm_code,
    ordered.qty,
    ordered.ext_amount,
    ordered.unit_amount,
    ordered.dept_id,
    ordered.location_id,
    ordered.revenue_code,
    ordered.hcpcs,
    ordered.mods,
    ordered.item_id,
    ordered.udi_di,
    ordered.lot,
    ordered.serial_key,
    ordered.order_id,
    ordered.reverses_txn_id,
    ordered.repeat_reason,
    ordered.status,
    differing.is_conflict and ordered.status <> 'DELETED' as is_conflict
from ordered
inner join differing
    on
        ordered.system_id = differing.system_id
        and ordered.txn_id = differing.txn_id
where ordered.age = 1
