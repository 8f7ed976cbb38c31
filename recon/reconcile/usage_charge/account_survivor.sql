-- account_survivor: the account in which every merged account ended.
--
-- grain     facility_id, account_key
-- reads     account_state
-- params    none
-- money     none
-- rule      Who was merged into whom is followed by doubling: after six turns a chain of 64 merges is at its end. A
--           chain that is not at its end then is a circle: none of its accounts survives, so each stays itself and is
--           reported (DQ01). (Usage and charge 1, step 1.)
with pointed as (
    select
        facility_id,
        account_key,
        merged_into as target
    from account_state
    where merged_into is not null and merged_into <> account_key
),

twice as (
    select
        one.facility_id,
        one.account_key,
        coalesce(two.target, one.target) as target
    from pointed as one
    left join pointed as two on one.facility_id = two.facility_id and one.target = two.account_key
),

four_times as (
    select
        one.facility_id,
        one.account_key,
        coalesce(two.target, one.target) as target
    from twice as one
    left join twice as two on one.facility_id = two.facility_id and one.target = two.account_key
),

eight_times as (
    select
        one.facility_id,
        one.account_key,
        coalesce(two.target, one.target) as target
    from four_times as one
    left join four_times as two on one.facility_id = two.facility_id and one.target = two.account_key
),

sixteen_times as (
    select
        one.facility_id,
        one.account_key,
        coalesce(two.target, one.target) as target
    from eight_times as one
    left join eight_times as two on one.facility_id = two.facility_id and one.target = two.account_key
),

often as (
    select
        one.facility_id,
        one.account_key,
        coalesce(two.target, one.target) as target
    from sixteen_times as one
    left join sixteen_times as two on one.facility_id = two.facility_id and one.target = two.account_key
),

ended as (
    select
        one.facility_id,
        one.account_key,
        coalesce(two.target, one.target) as target
    from often as one
    left join often as two on one.facility_id = two.facility_id and one.target = two.account_key
)

select
    ended.facility_id,
    ended.account_key,
    case when further.account_key is null then ended.target else ended.account_key end as survivor_key,
    further.account_key is not null as is_circle
from ended
left join pointed as further
    on ended.facility_id = further.facility_id and ended.target = further.account_key
