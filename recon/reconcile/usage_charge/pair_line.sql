-- pair_line: use and charge that belong together although code or account differ, with the dollars between them.
--
-- grain     code, is_suggested, use_no, charge_no
-- reads     matched, hint_account, hint_code, used, charge_known
-- params    none
-- money     amount: expected less charged (SC06); moved: what stands on the wrong account; not rounded
-- rule      A strong match (order, serial, lot) of two codes is a wrong code (SC06); a charge on another account a
--           wrong account (SC07). Pairs of a hint are only suggested. (Usage and charge 1, steps 4 and 5.)
with pair as (
    select
        use_no,
        charge_no,
        units,
        'MATCH' as how
    from matched
    where match_pass in ('a', 'b', 'c')
    union all
    select
        use_no,
        charge_no,
        units,
        'ACCOUNT' as how
    from hint_account
    union all
    select
        use_no,
        charge_no,
        units,
        'CODE' as how
    from hint_code
)

select
    case when used.cdm_code <> charged.cdm_code then 'SC06' else 'SC07' end as code,
    pair.how <> 'MATCH' as is_suggested,
    pair.use_no,
    pair.charge_no,
    used.facility_id,
    used.account_no,
    case when used.account_no <> charged.account_no then charged.account_no end as other_account_no,
    used.cdm_code,
    case when used.cdm_code <> charged.cdm_code then charged.cdm_code end as other_cdm_code,
    used.item_id,
    used.dept_id,
    used.service_date,
    pair.units,
    cast(
        case
            when used.cdm_code = charged.cdm_code then 0
            else
                pair.units * cast(used.unit_price as decimal(19, 6))
                - pair.units * cast(charged.unit_price as decimal(19, 6))
        end as decimal(38, 12)
    ) as amount,
    cast(
        case
            when used.account_no <> charged.account_no
                then pair.units * cast(charged.unit_price as decimal(19, 6))
        end as decimal(38, 12)
    ) as moved
from pair
inner join used on pair.use_no = used.use_no
inner join charge_known as charged on pair.charge_no = charged.charge_no
where used.cdm_code <> charged.cdm_code or used.account_no <> charged.account_no
