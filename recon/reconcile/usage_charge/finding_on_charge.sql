-- finding_on_charge: what is wrong with a charge by itself (SP01 to SP06, SD10, ST01 to ST04, DQ04).
--
-- grain     finding_ref
-- reads     charge_known, charged, code_period, charge_scope, matched, used, account_known,
--           edit_code, charge_setting
-- params    none
-- money     expected less actual price times the units left; of lateness the amount, for information
-- rule      Of charges of supplies, what credits leave of them. Prices, of a code in force: the charge master's holds
--           where it is fixed and not zero (zero means priced elsewhere); where it follows the cost, that of the use
--           that supports the charge. A code not in force (SP03) has no price to differ from. A difference counts
--           beyond both tolerances.
--           Lateness is one finding, the worst: posted after the final bill ST03, else after the days of hold ST02,
--           else after the days for posting ST01. Outside the stay is ST04, beside any of them. (Usage and charge 1,
--           step 7.)
with setting as (
    select
        max(case when setting = 'POSTING_DAYS' then cast(round(value, 0) as integer) end) as posting_days,
        max(case when setting = 'BEFORE_STAY_DAYS' then cast(round(value, 0) as integer) end) as before_days,
        max(case when setting = 'PRICE_ABS' then value end) as price_abs,
        max(case when setting = 'PRICE_PCT' then value end) as price_pct
    from charge_setting
),

not_implant as (
    select code
    from edit_code
    where kind = 'NOT_IMPLANT'
),

-- What the use behind a charge would be charged, where the price follows its cost.
supported as (
    select
        matched.charge_no,
        cast(sum(matched.units) as decimal(18, 6)) as units,
        cast(round(sum(matched.units * cast(used.unit_price as decimal(19, 6))), 2) as decimal(18, 2)) as expected
    from charge_known as charged
    inner join code_period as cdm on charged.period_no = cdm.period_no
    inner join matched on charged.charge_no = matched.charge_no
    inner join used on matched.use_no = used.use_no and charged.cdm_code = used.cdm_code
    where cdm.method = 'COST_MARKUP' and cdm.standing = 'IN_FORCE' and used.unit_price > 0
    group by matched.charge_no
),

judged as (
    select
        charged.charge_no,
        charged.units as charged_units,
        charged.net_units as units,
        charged.ext_amount,
        charged.amount_per_unit,
        charged.unit_price,
        charged.price,
        charged.revenue_code as charged_revenue_code,
        cdm.revenue_code as cdm_revenue_code,
        coalesce(charged.hcpcs, cdm.hcpcs) as hcpcs,
        cdm.method,
        cdm.standing,
        setting.price_abs,
        setting.price_pct,
        account.is_inpatient,
        scope.is_implant as is_implant_revenue,
        not_implant.code is not null as is_no_implant,
        supported.units as supported_units,
        supported.expected,
        case
            when charged.post_date > account.final_bill_date then 'ST03'
            when charged.post_date > account.bill_due_date then 'ST02'
            when charged.post_date > charged.service_date + setting.posting_days then 'ST01'
        end as late_code,
        charged.service_date + setting.before_days < account.admit_date
        or charged.service_date > account.discharge_date as is_outside
    from charged
    inner join charge_scope as scope
        on charged.period_no = scope.period_no and coalesce(charged.revenue_code, '') = scope.revenue_code
    cross join setting
    left join code_period as cdm on charged.period_no = cdm.period_no
    left join account_known as account on charged.account_no = account.account_no
    left join not_implant on coalesce(charged.hcpcs, cdm.hcpcs) = not_implant.code
    left join supported on charged.charge_no = supported.charge_no
    where charged.net_units > 0 and scope.is_supply
),

found as (
    select
        case when amount_per_unit = 0 then 'SP06' else 'SP01' end as code,
        charge_no,
        units,
        cast(round(units * cast(price - amount_per_unit as decimal(19, 6)), 2) as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from judged
    where
        method = 'FIXED'
        and standing = 'IN_FORCE'
        and price > 0
        and amount_per_unit <> price
        and abs(price - amount_per_unit)
        > greatest(price_abs, cast(cast(price_pct as decimal(19, 6)) * price as decimal(18, 6)))
    union all
    select
        case when amount_per_unit = 0 then 'SP06' else 'SP01' end as code,
        charge_no,
        supported_units as units,
        cast(
            expected - round(supported_units * cast(amount_per_unit as decimal(19, 6)), 2) as decimal(18, 2)
        ) as gross,
        cast(null as varchar) as remark
    from judged
    where
        method = 'COST_MARKUP'
        and amount_per_unit is not null
        and cast(
            abs(expected - round(supported_units * cast(amount_per_unit as decimal(19, 6)), 2)) as decimal(18, 2)
        )
        > greatest(
            cast(supported_units * cast(price_abs as decimal(19, 6)) as decimal(18, 6)),
            cast(cast(price_pct as decimal(19, 6)) * expected as decimal(18, 6))
        )
    union all
    -- Nothing says what it should cost, and it was charged at nothing.
    select
        'SP06' as code,
        charge_no,
        units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from judged
    where
        amount_per_unit = 0
        and expected is null
        and not coalesce(method = 'FIXED' and standing = 'IN_FORCE' and price > 0, false)
    union all
    select
        'SP02' as code,
        charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(
            round(charged_units * cast(amount_per_unit as decimal(19, 6)), 2) - ext_amount as decimal(18, 2)
        ) as gross,
        cast(null as varchar) as remark
    from judged
    where
        ext_amount is not null
        and amount_per_unit is not null
        and cast(
            abs(round(charged_units * cast(amount_per_unit as decimal(19, 6)), 2) - ext_amount) as decimal(18, 2)
        )
        > price_abs
    union all
    -- No credit has left nothing of it: it was charged for no unit, and at an amount.
    select
        'SP02' as code,
        charged.charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(-charged.ext_amount as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from charged
    inner join charge_scope as scope
        on charged.period_no = scope.period_no and coalesce(charged.revenue_code, '') = scope.revenue_code
    cross join setting
    where charged.units = 0 and abs(charged.ext_amount) > setting.price_abs and scope.is_supply
    union all
    select
        'SP03' as code,
        charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        standing as remark
    from judged
    where standing in ('RETIRED', 'UNKNOWN')
    union all
    select
        'SP04' as code,
        charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from judged
    where is_implant_revenue and hcpcs is null and not is_inpatient
    union all
    select
        'SP05' as code,
        charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        charged_revenue_code || ', not ' || cdm_revenue_code as remark
    from judged
    where charged_revenue_code <> cdm_revenue_code
    union all
    select
        'SD10' as code,
        charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        hcpcs as remark
    from judged
    where is_implant_revenue and is_no_implant
    union all
    select
        late_code as code,
        charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(round(units * cast(unit_price as decimal(19, 6)), 2) as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from judged
    where late_code is not null
    union all
    select
        'ST04' as code,
        charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(round(units * cast(unit_price as decimal(19, 6)), 2) as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from judged
    where is_outside
    union all
    select
        'DQ04' as code,
        charge_no,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from charge_known
    where is_conflict and not is_credit
)

select
    found.code || '|C|' || cast(found.charge_no as varchar) as finding_ref,
    found.code,
    charged.facility_id,
    charged.account_no,
    cast(null as bigint) as other_account_no,
    charged.cdm_code,
    cast(null as varchar) as other_cdm_code,
    charged.item_id,
    cast(null as bigint) as use_no,
    found.charge_no,
    cast(null as varchar) as claim_id,
    cast(null as integer) as claim_line_no,
    cast(null as varchar) as po_id,
    charged.dept_id,
    charged.location_id,
    found.units,
    found.gross,
    cast(null as decimal(18, 2)) as at_risk,
    false as is_suggested,
    cast(null as varchar) as finding_key,
    found.remark,
    charged.service_date,
    cast(null as varchar) as record_table,
    cast(null as varchar) as record_key,
    cast(null as varchar) as record_role
from found
inner join charge_known as charged on found.charge_no = charged.charge_no
