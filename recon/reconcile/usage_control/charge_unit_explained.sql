-- charge_unit_explained: accounts and codes whose open units are not the units of their findings.
--
-- grain     side, facility_id, account_key, cdm_code
-- reads     usage_line_result, charge_line_result, charge_exception, charge_scope, charged
-- params    none
-- money     none: charge units
-- rule      Usage and charge 1, invariants 1 and 4: every unit left open has one SC code. Use left open is
--           SC01, SC03, SC05, SC06 or SC07, a charge left open SC02, SC04, SC05, SC08, SC10, SC11, SC06 or
--           SC07. Accounts with SC06 or SC07 are left out: their units stand under another account or code.
with moved as (
    select
        facility_id,
        account_key
    from charge_exception
    where code in ('SC06', 'SC07') and state <> 'AUTO_CLOSED'
    union
    select
        facility_id,
        other_account_key as account_key
    from charge_exception
    where code in ('SC06', 'SC07') and state <> 'AUTO_CLOSED' and other_account_key is not null
),

line as (
    select
        'U' as side,
        facility_id,
        account_key,
        cdm_code,
        open as units
    from usage_line_result
    where open > 0 and account_key is not null
    union all
    select
        'C' as side,
        result.facility_id,
        result.account_key,
        result.cdm_code,
        result.open as units
    from charge_line_result as result
    inner join charged
        on
            result.facility_id = charged.facility_id
            and result.system_id = charged.system_id
            and result.txn_id = charged.txn_id
    inner join charge_scope as scope
        on charged.period_no = scope.period_no and coalesce(charged.revenue_code, '') = scope.revenue_code
    where result.open > 0 and result.account_key is not null and scope.is_supply
),

open_units as (
    select
        side,
        facility_id,
        account_key,
        cdm_code,
        cast(sum(units) as decimal(18, 6)) as units
    from line
    group by side, facility_id, account_key, cdm_code
),

-- Not by the sign of its dollars: a code whose price is not known or is zero has none.
sided as (
    select
        case
            when found.code in ('SC01', 'SC03') then 'U'
            when found.code = 'SC05' and open_units.side is not null then 'U'
            else 'C'
        end as side,
        found.facility_id,
        found.account_key,
        found.cdm_code,
        found.units
    from charge_exception as found
    left join open_units
        on
            open_units.side = 'U'
            and found.facility_id = open_units.facility_id
            and found.account_key = open_units.account_key
            and found.cdm_code = open_units.cdm_code
    where
        found.code in ('SC01', 'SC02', 'SC03', 'SC04', 'SC05', 'SC08', 'SC10', 'SC11')
        and found.state <> 'AUTO_CLOSED'
),

explained as (
    select
        side,
        facility_id,
        account_key,
        cdm_code,
        cast(sum(units) as decimal(18, 6)) as units
    from sided
    group by side, facility_id, account_key, cdm_code
)

select
    coalesce(open_units.side, explained.side) as side,
    coalesce(open_units.facility_id, explained.facility_id) as facility_id,
    coalesce(open_units.account_key, explained.account_key) as account_key,
    coalesce(open_units.cdm_code, explained.cdm_code) as cdm_code,
    open_units.units as open_units,
    explained.units as explained_units
from open_units
full join explained
    on
        open_units.side = explained.side
        and open_units.facility_id = explained.facility_id
        and open_units.account_key = explained.account_key
        and open_units.cdm_code = explained.cdm_code
left join moved
    on
        moved.facility_id = coalesce(open_units.facility_id, explained.facility_id)
        and moved.account_key = coalesce(open_units.account_key, explained.account_key)
where moved.account_key is null and coalesce(open_units.units, 0) <> coalesce(explained.units, 0)
