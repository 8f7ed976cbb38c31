-- account_number: a number for every account that anything names; accounts that were merged have one number.
--
-- grain     facility_id, account_key
-- reads     account_state, account_survivor, usage_event, charge_event, claim, claim_adjustment,
--           claim_status, device_credit
-- params    none
-- money     none
-- rule      The statements that follow join on these numbers, because tokens are long. They mean nothing beyond the
--           night. (Usage and charge 1, step 1.)
with named as (
    select
        facility_id,
        account_key
    from account_state
    union
    select
        facility_id,
        survivor_key as account_key
    from account_survivor
    union
    select
        facility_id,
        account_key
    from usage_event
    where account_key is not null
    union
    select
        facility_id,
        account_key
    from charge_event
    where account_key is not null
    union
    select
        facility_id,
        account_key
    from claim
    union
    select
        facility_id,
        account_key
    from claim_adjustment
    union
    select
        facility_id,
        account_key
    from claim_status
    where facility_id is not null and account_key is not null
    union
    select
        facility_id,
        account_key
    from device_credit
    where account_key is not null
),

ended as (
    select
        named.facility_id,
        named.account_key,
        coalesce(account_survivor.survivor_key, named.account_key) as survivor_key
    from named
    left join account_survivor
        on
            named.facility_id = account_survivor.facility_id
            and named.account_key = account_survivor.account_key
),

survivors as (
    select
        facility_id,
        survivor_key
    from ended
    group by facility_id, survivor_key
),

numbered as (
    select
        facility_id,
        survivor_key,
        row_number() over (order by facility_id, survivor_key) as account_no
    from survivors
)

select
    ended.facility_id,
    ended.account_key,
    ended.survivor_key,
    cast(numbered.account_no as bigint) as account_no
from ended
inner join numbered
    on ended.facility_id = numbered.facility_id and ended.survivor_key = numbered.survivor_key
