-- charge_money_explained: accounts and codes whose open units are worth another sum than their findings say.
--
-- grain     facility_id, account_key, cdm_code
-- reads     usage_line_result, charge_line_result, charge_exception, charge_scope, used, charged
-- params    none
-- money     open units at the record's own price: use left open less charges left open. A finding is
--           rounded to the cent: half a cent for each is let pass
-- rule      Usage and charge 1, invariant 1: for each account and code what was expected less what was
--           charged is the signed sum of its findings; what is matched is in both. Accounts with SC06 or
--           SC07 are left out: their units stand under another account or code.
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
        result.facility_id,
        result.account_key,
        result.cdm_code,
        cast(result.open * cast(used.unit_price as decimal(19, 6)) as decimal(38, 12)) as amount
    from usage_line_result as result
    inner join used
        on
            result.facility_id = used.facility_id
            and result.system_id = used.system_id
            and result.usage_id = used.usage_id
    where result.open > 0 and result.account_key is not null
    union all
    select
        result.facility_id,
        result.account_key,
        result.cdm_code,
        cast(-result.open * cast(charged.unit_price as decimal(19, 6)) as decimal(38, 12)) as amount
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

open_money as (
    select
        facility_id,
        account_key,
        cdm_code,
        cast(sum(amount) as decimal(30, 12)) as amount
    from line
    group by facility_id, account_key, cdm_code
),

explained as (
    select
        facility_id,
        account_key,
        cdm_code,
        cast(sum(gross) as decimal(18, 2)) as amount,
        cast(sum(cast(0.005 as decimal(4, 3))) as decimal(18, 3)) as let_pass
    from charge_exception
    where code in ('SC01', 'SC02', 'SC03', 'SC04', 'SC05', 'SC08', 'SC10', 'SC11') and state <> 'AUTO_CLOSED'
    group by facility_id, account_key, cdm_code
)

select
    coalesce(open_money.facility_id, explained.facility_id) as facility_id,
    coalesce(open_money.account_key, explained.account_key) as account_key,
    coalesce(open_money.cdm_code, explained.cdm_code) as cdm_code,
    open_money.amount as open_amount,
    explained.amount as explained_amount
from open_money
full join explained
    on
        open_money.facility_id = explained.facility_id
        and open_money.account_key = explained.account_key
        and open_money.cdm_code = explained.cdm_code
left join moved
    on
        moved.facility_id = coalesce(open_money.facility_id, explained.facility_id)
        and moved.account_key = coalesce(open_money.account_key, explained.account_key)
where
    moved.account_key is null
    and abs(coalesce(open_money.amount, 0) - coalesce(explained.amount, 0))
    > coalesce(explained.let_pass, 0)
