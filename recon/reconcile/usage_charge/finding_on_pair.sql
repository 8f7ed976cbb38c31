-- finding_on_pair: wrong codes (SC06) and wrong accounts (SC07): one finding for each pair of codes or accounts.
--
-- grain     finding_ref
-- reads     pair_line
-- params    none
-- money     gross is the sum of its records' amounts, rounded once; at_risk what is moved, not counted
-- rule      What was charged too little and too much for a pair stands apart: the two are never netted. A wrong account
--           moves dollars and loses none: they are shown as at risk and not counted. (Usage and charge 1, steps 4 and
--           5; SC06, SC07.)
select
    code || '|' || cast(account_no as varchar) || '|' || cdm_code
    || '|' || coalesce(other_cdm_code, '') || '|' || coalesce(cast(other_account_no as varchar), '')
    || '|' || case when is_suggested then 'Y' else 'N' end
    || '|' || case when amount < 0 then 'OVER' else 'UNDER' end as finding_ref,
    code,
    facility_id,
    account_no,
    other_account_no,
    cdm_code,
    other_cdm_code,
    min(item_id) as item_id,
    case when count(*) = 1 then min(use_no) end as use_no,
    case when count(*) = 1 then min(charge_no) end as charge_no,
    cast(null as varchar) as claim_id,
    cast(null as integer) as claim_line_no,
    cast(null as varchar) as po_id,
    min(dept_id) as dept_id,
    cast(null as varchar) as location_id,
    cast(sum(units) as decimal(18, 6)) as units,
    cast(round(sum(amount), 2) as decimal(18, 2)) as gross,
    cast(round(sum(moved), 2) as decimal(18, 2)) as at_risk,
    is_suggested,
    cast(null as varchar) as finding_key,
    cast(null as varchar) as remark,
    min(service_date) as service_date,
    cast(null as varchar) as record_table,
    cast(null as varchar) as record_key,
    cast(null as varchar) as record_role
from pair_line
group by
    code,
    facility_id,
    account_no,
    other_account_no,
    cdm_code,
    other_cdm_code,
    is_suggested,
    amount < 0
