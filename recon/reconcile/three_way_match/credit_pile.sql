-- credit_pile: the rule of credits that name no invoice: of what each bill had left they take as much.
--
-- grain     invoice_id, line_no
-- reads     line
-- params    none
-- money     as its rows: dollars, or shares
-- rule      Not a relation by itself: the relations that go through it say which lines of a match group may give (turn
--           0, `amount` what a line has left) and which credits ask (turn 1, `amount` below zero).
--           A pile: each bill is laid on it on its day, each credit takes from the top. What the lowest height that the
--           pile has afterwards leaves of a bill is not taken. So a credit takes from what was billed by its day,
--           newest first, and a bill that arrives afterwards takes no credit away from one that is paid. (Specification
--           1.2 step 4; 1.8 invariant 8.)
with summed as (
    select
        line.*,
        sum(amount) over (
            partition by group_no
            order by invoice_date, turn, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as total
    from line
),

pile as (
    select
        summed.*,
        total - least(
            cast(0 as decimal(38, 6)),
            min(total) over (
                partition by group_no
                order by invoice_date, turn, invoice_id, line_no
                rows between unbounded preceding and current row
            )
        ) as height
    from summed
),

lowest as (
    select
        pile.*,
        min(height) over (
            partition by group_no
            order by invoice_date, turn, invoice_id, line_no
            rows between current row and unbounded following
        ) as lowest_height
    from pile
)

select
    invoice_id,
    line_no,
    cast(
        amount - least(amount, greatest(cast(0 as decimal(38, 6)), lowest_height - height + amount))
        as decimal(38, 6)
    ) as taken
from lowest
where turn = 0
