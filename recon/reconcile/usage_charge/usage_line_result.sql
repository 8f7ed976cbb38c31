-- usage_line_result: what each record of use in force should have been charged, and was.
--
-- grain     facility_id, system_id, usage_id
-- reads     used, matched, account_known
-- params    none
-- money     none: charge units
-- rule      Usage and charge 1: expected = matched + open.
with found as (
    select
        use_no,
        sum(units) as units
    from matched
    group by use_no
)

select
    used.facility_id,
    used.system_id,
    used.usage_id,
    account.account_key,
    used.item_id,
    used.cdm_code,
    used.service_date as used_date,
    used.status,
    used.units as expected,
    cast(coalesce(found.units, 0) as decimal(18, 6)) as matched,
    cast(used.units - coalesce(found.units, 0) as decimal(18, 6)) as open
from used
left join found on used.use_no = found.use_no
left join account_known as account on used.account_no = account.account_no
