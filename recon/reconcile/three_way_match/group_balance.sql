-- group_balance: what was billed of each match group beside what came, and whether anything is missing.
--
-- grain     match_group
-- reads     demand, supply
-- params    none
-- money     none: quantities (dollars on an amount basis)
-- rule      Groups of which something is billed or came. Short: not all that is billed was both ordered
--           and received. Left over: more came than is billed, or nobody can tell without looking.
--           Elsewhere every line takes all it needs, whatever it cites, since the second turn leaves no
--           need while anything is offered: all of it is region A. Only a line bound to a lot can stay
--           without, so a group with one counts as short. Crossing: neither has one receipt all that is
--           billed, nor does one line need all that came; only there does it matter who comes first.
--           (Specification 1.2 steps 5 and 6.)
with needed as (
    select
        match_group,
        cast(sum(need) as decimal(38, 6)) as need,
        count(case when need > 0 then 1 end) as lines,
        max(case when is_lot_bound then 1 else 0 end) as is_lot_bound,
        min(match_type) as match_type,
        min(ordered) as ordered
    from demand
    group by match_group
),

offered as (
    select
        match_group,
        cast(sum(offered) as decimal(38, 6)) as offered,
        count(case when offered > 0 then 1 end) as receipts,
        min(offered) as least_offered
    from supply
    group by match_group
),

balance as (
    select
        coalesce(needed.match_group, offered.match_group) as match_group,
        cast(coalesce(needed.need, 0) as decimal(38, 6)) as need,
        cast(coalesce(offered.offered, 0) as decimal(38, 6)) as offered,
        needed.match_group is not null
        and (
            needed.is_lot_bound = 1
            -- More is rejected than came: an offer below nothing.
            or coalesce(offered.least_offered < 0, false)
            or needed.need > needed.ordered
            or (needed.match_type <> '2WAY' and needed.need > coalesce(offered.offered, 0))
        ) as is_short,
        needed.match_group is null as is_unbilled,
        needed.match_group is not null
        and offered.match_group is not null
        and (
            needed.is_lot_bound = 1
            or offered.least_offered < 0
            or not (
                (offered.receipts = 1 and needed.need <= offered.offered)
                or (needed.lines = 1 and offered.offered <= needed.need)
            )
        ) as is_crossing
    from needed
    full outer join offered on needed.match_group = offered.match_group
)

select
    match_group,
    need,
    offered,
    is_short,
    is_crossing,
    is_short or is_unbilled or offered > need as is_left_over
from balance
