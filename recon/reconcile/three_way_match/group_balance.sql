-- group_balance: of each match group: is all that is billed covered, is anything left over, must an order be kept?.
--
-- grain     group_no
-- reads     demand, supply
-- params    none
-- money     none: quantities (dollars on an amount basis)
-- rule      These three answers spare most groups the steps that follow. A group of which nothing is billed and nothing
--           came is not here.
--           `is_short`: not all that is billed was both ordered and received. In a group that is not short every line
--           has all it needs, whatever it cites, since the second turn leaves no need while anything is offered: all of
--           it is region A. Only a line bound to a lot may go without, so a group with one counts as short.
--           `is_left_over`: more came than is billed, or nobody can tell without looking. `is_crossing`: no receipt
--           alone covers all that is billed, and no line alone needs all that came; only there does it matter who comes
--           first. (Specification 1.2 steps 5 and 6.)
with need_or_offer as (
    select
        group_no,
        match_type = '2WAY' as is_two_way,
        ordered,
        is_lot_bound,
        need,
        cast(null as decimal(38, 6)) as offered
    from demand
    union all
    select
        group_no,
        cast(null as boolean) as is_two_way,
        cast(null as decimal(38, 6)) as ordered,
        cast(null as boolean) as is_lot_bound,
        cast(null as decimal(38, 6)) as need,
        offered
    from supply
),

summed as (
    select
        group_no,
        count(case when is_two_way then 1 end) > 0 as is_two_way,
        min(ordered) as ordered,
        count(need) > 0 as is_billed,
        count(case when is_lot_bound then 1 end) > 0 as is_lot_bound,
        count(case when need > 0 then 1 end) as lines,
        count(case when offered > 0 then 1 end) as receipts,
        -- At a price below zero dollars are offered that are below nothing.
        count(case when offered < 0 then 1 end) > 0 as is_below_nothing,
        cast(coalesce(sum(need), 0) as decimal(38, 6)) as need,
        cast(coalesce(sum(offered), 0) as decimal(38, 6)) as offered
    from need_or_offer
    group by group_no
),

balance as (
    select
        group_no,
        need,
        offered,
        not is_billed as is_unbilled,
        is_billed
        and (
            is_lot_bound
            or is_below_nothing
            or coalesce(need > ordered, false)
            or (not is_two_way and need > offered)
        ) as is_short,
        is_billed
        and receipts > 0
        and (
            is_lot_bound
            or is_below_nothing
            or not ((receipts = 1 and need <= offered) or (lines = 1 and offered <= need))
        ) as is_crossing
    from summed
)

select
    group_no,
    is_short,
    is_crossing,
    is_short or is_unbilled or offered > need as is_left_over
from balance
