-- price_credit: credits on the price alone, put against the lines whose price they mend.
--
-- grain     invoice_id, line_no
-- reads     matched_line, demand, line_price
-- params    none
-- money     dollars credited, positive; a line takes what it bills too much, rounded up to cents
-- rule      A price credit lowers price variance and takes no quantity. It mends the overpriced lines of the invoice it
--           refers to, in their order, each up to what it bills too much. What is left of it, and a credit that refers
--           to nothing, mends the overpriced lines of the match group, newest first, of those billed by the day of the
--           credit before those billed later, as of quantities (line_netted). (Specification 1.2 step 4; 1.8 invariant
--           8.)
with credit as (
    select
        group_no,
        invoice_id,
        line_no,
        invoice_date,
        ref_invoice_id,
        -amount as amount
    from matched_line
    where code is null and is_credit and amount < 0 and (adj_kind = 'PRICE' or coalesce(measure, 0) = 0)
),

credited as (
    select
        group_no,
        cast(sum(amount) as decimal(38, 2)) as amount
    from credit
    group by group_no
),

referred as (
    select
        group_no,
        ref_invoice_id,
        cast(sum(amount) as decimal(38, 2)) as amount
    from credit
    where ref_invoice_id is not null
    group by group_no, ref_invoice_id
),

overpriced as (
    select
        demand.group_no,
        demand.invoice_id,
        demand.line_no,
        demand.invoice_date,
        credited.amount as credited,
        cast(
            cast(
                (
                    cast(demand.need * 1000000 as hugeint) * (price.p - price.po_p)
                    + price.k * 10000000000 - 1
                ) // (price.k * 10000000000)
                as decimal(32, 0)
            ) * 0.01
            as decimal(38, 2)
        ) as too_much
    from credited
    inner join demand on credited.group_no = demand.group_no
    inner join line_price as price on demand.invoice_id = price.invoice_id and demand.line_no = price.line_no
    where price.p > price.po_p
),

after_referred as (
    select
        line.*,
        least(
            line.too_much,
            greatest(
                cast(0 as decimal(38, 2)),
                coalesce(referred.amount, 0) - coalesce(
                    sum(line.too_much) over (
                        partition by line.group_no, line.invoice_id
                        order by line.line_no
                        rows between unbounded preceding and 1 preceding
                    ),
                    0
                )
            )
        ) as taken
    from overpriced as line
    left join referred
        on line.group_no = referred.group_no and line.invoice_id = referred.ref_invoice_id
),

-- What the invoice a credit names could not take, credit by credit, the oldest first.
given_to_named as (
    select
        group_no,
        invoice_id,
        cast(sum(taken) as decimal(38, 2)) as amount
    from after_referred
    group by group_no, invoice_id
),

in_turn as (
    select
        credit.*,
        sum(amount) over (
            partition by group_no, ref_invoice_id
            order by invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as hi
    from credit
),

left_of_credit as (
    select
        in_turn.group_no,
        in_turn.invoice_id,
        in_turn.line_no,
        in_turn.invoice_date,
        least(
            in_turn.amount, greatest(cast(0 as decimal(38, 2)), in_turn.hi - coalesce(given.amount, 0))
        ) as amount
    from in_turn
    left join given_to_named as given
        on in_turn.group_no = given.group_no and in_turn.ref_invoice_id = given.invoice_id
),

-- A pile, as in line_netted: what the lowest height that it has afterwards leaves of a bill is not mended.
laid as (
    select
        group_no,
        invoice_date,
        0 as turn,
        invoice_id,
        line_no,
        too_much - taken as amount
    from after_referred
    union all
    select
        group_no,
        invoice_date,
        1 as turn,
        invoice_id,
        line_no,
        -amount as amount
    from left_of_credit
),

summed as (
    select
        laid.*,
        sum(amount) over (
            partition by group_no
            order by invoice_date, turn, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as total
    from laid
),

pile as (
    select
        summed.*,
        total - least(
            cast(0 as decimal(38, 2)),
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
),

in_time as (
    select
        line.group_no,
        line.invoice_id,
        line.line_no,
        line.invoice_date,
        line.credited,
        line.too_much,
        line.taken + lowest.amount - least(
            lowest.amount,
            greatest(cast(0 as decimal(38, 2)), lowest.lowest_height - lowest.height + lowest.amount)
        ) as taken
    from after_referred as line
    inner join lowest on line.invoice_id = lowest.invoice_id and line.line_no = lowest.line_no and lowest.turn = 0
),

-- What no bill of before could take, against the newest of all.
newest_first as (
    select
        line.*,
        line.credited - sum(line.taken) over (partition by line.group_no) as still_to_take,
        coalesce(
            sum(line.too_much - line.taken) over (
                partition by line.group_no
                order by line.invoice_date desc, line.invoice_id desc, line.line_no desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from in_time as line
),

mended as (
    select
        invoice_id,
        line_no,
        taken + least(too_much - taken, greatest(cast(0 as decimal(38, 2)), still_to_take - newer)) as amount
    from newest_first
)

select
    invoice_id,
    line_no,
    cast(amount as decimal(18, 2)) as amount
from mended
where amount > 0
