-- charge_repeated: charges and credits that were sent more than once: their versions, and which of them counts.
--
-- grain     system_id, txn_id, message_id
-- reads     charge_event, account_number
-- params    $as_of  DATE, what is posted later is not seen
-- money     as stated
-- rule      The same transaction sent again with the same content is one (a replay), at whatever hour of its day of
--           posting. With another content, the newest counts: the last posted, then the highest message id; M10 comes
--           after M9. Accounts that were merged are one account before contents are compared. (Usage and charge 1, step
--           1.)
with repeated as (
    select
        system_id,
        txn_id
    from charge_event
    where coalesce(post_date, service_date) <= $as_of
    group by system_id, txn_id
    having count(*) > 1
),

versions as (
    select
        event.system_id,
        event.txn_id,
        event.message_id,
        coalesce(event.posted_at, cast(coalesce(event.post_date, event.service_date) as timestamp)) as posted_at,
        md5(
            event.facility_id || '|' || coalesce(account.survivor_key, '')
            || '|' || cast(coalesce(event.service_at, cast(event.service_date as timestamp)) as varchar)
            || '|' || cast(coalesce(event.post_date, event.service_date) as varchar)
            || '|' || coalesce(event.type, 'CG') || '|' || event.cdm_code
            || '|' || cast(event.qty as varchar) || '|' || coalesce(cast(event.ext_amount as varchar), '')
            || '|' || coalesce(cast(event.unit_amount as varchar), '') || '|' || coalesce(event.dept_id, '')
            || '|' || coalesce(event.location_id, '') || '|' || coalesce(event.revenue_code, '')
            || '|' || coalesce(event.hcpcs, '') || '|' || coalesce(event.mods, '') || '|' || coalesce(event.item_id, '')
            || '|' || coalesce(event.udi_di, '') || '|' || coalesce(event.lot, '')
            || '|' || coalesce(event.serial_key, '') || '|' || coalesce(event.order_id, '')
            || '|' || coalesce(event.reverses_txn_id, '') || '|' || coalesce(event.repeat_reason, '')
        ) as body
    from charge_event as event
    inner join repeated on event.system_id = repeated.system_id and event.txn_id = repeated.txn_id
    left join account_number as account
        on event.facility_id = account.facility_id and event.account_key = account.account_key
    where coalesce(event.post_date, event.service_date) <= $as_of
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
        order by
            versions.posted_at desc,
            rtrim(versions.message_id, '0123456789') desc,
            length(versions.message_id) desc,
            versions.message_id desc
    ) = 1 as is_newest,
    differing.is_differing
from versions
inner join differing on versions.system_id = differing.system_id and versions.txn_id = differing.txn_id
