-- usage_line_result: what each record of use in force should have been charged, and was: a result table.
--
-- grain     facility_id, system_id, usage_id
-- reads     used, left_after_code, account_known
-- sorted    yes
-- params    none
-- money     none: charge units
-- rule      expected = matched + open, where open is what the last pass of the match left. (Usage and charge 1, steps 3
--           and 4.)
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
    cast(used.units - coalesce(open.units, 0) as decimal(18, 6)) as matched,
    cast(coalesce(open.units, 0) as decimal(18, 6)) as open
from used
left join left_after_code as open on open.side = 'U' and used.use_no = open.line_no
left join account_known as account on used.account_no = account.account_no
order by used.use_no
