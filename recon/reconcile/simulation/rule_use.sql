-- rule_use: how many stakes each rule row decides now, and how many it would.
--
-- grain     rule_id
-- reads     counted_change
-- params    none
-- money     none
-- rule      A stake is a difference: a line that agrees to the cent needs no rule. A row that decides
--           nothing may have its supplier or category misspelt.
with decided as (
    select
        rule_before as rule_id,
        1 as before,
        0 as after
    from counted_change
    where rule_before is not null
    union all
    select
        rule_after as rule_id,
        0 as before,
        1 as after
    from counted_change
    where rule_after is not null
)

select
    rule_id,
    cast(sum(before) as integer) as decided_before,
    cast(sum(after) as integer) as decided_after
from decided
group by rule_id
