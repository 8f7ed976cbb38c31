-- line_netted: what credits leave of what each line of a credited group asks receipts to support.
--
-- grain     invoice_id, line_no
-- reads     matched_line
-- params    none
-- money     `need` is dollars on an amount basis, shares otherwise
-- rule      A quantity credit takes from the invoice it refers to; what that cannot give, and what refers to nothing,
--           it takes from the newest line first, of those billed by the day of the credit before those billed later:
--           a bill that arrives afterwards takes no credit away from one that is paid. A credit that names the lot of
--           a bill-only line takes from lines of that lot before others. Price credits take no quantity. Most groups
--           have no credit: they are not here. (Specification 1.2 steps 4 and 5; 1.8 invariant 8.)
with asked as (
    select
        group_no,
        invoice_id,
        line_no,
        invoice_date,
        case when is_lot_bound then upper(trim(cites)) end as lot,
        measure
    from matched_line
    where code is null and not is_credit
),

credit as (
    select
        group_no,
        invoice_id,
        line_no,
        invoice_date,
        ref_invoice_id,
        case when is_lot_bound then upper(trim(cites)) end as lot,
        measure
    from matched_line
    where code is null and is_credit and adj_kind <> 'PRICE' and measure > 0
),

referred as (
    select
        group_no,
        ref_invoice_id,
        cast(sum(measure) as decimal(38, 6)) as measure
    from credit
    where ref_invoice_id is not null
    group by group_no, ref_invoice_id
),

referred_lot as (
    select
        group_no,
        ref_invoice_id,
        lot,
        cast(sum(measure) as decimal(38, 6)) as measure
    from credit
    where ref_invoice_id is not null and lot is not null
    group by group_no, ref_invoice_id, lot
),

loose_lot as (
    select
        group_no,
        lot,
        cast(sum(measure) as decimal(38, 6)) as measure
    from credit
    where ref_invoice_id is null and lot is not null
    group by group_no, lot
),

credited as (
    select
        group_no,
        cast(sum(measure) as decimal(38, 6)) as measure
    from credit
    group by group_no
),

billed as (
    select
        asked.*,
        credited.measure as credited,
        coalesce(
            sum(asked.measure) over (
                partition by asked.group_no, asked.invoice_id, asked.lot
                order by asked.line_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before_in_lot
    from asked
    inner join credited on asked.group_no = credited.group_no
),

after_lot as (
    select
        billed.*,
        least(
            billed.measure,
            greatest(cast(0 as decimal(38, 6)), coalesce(lot.measure, 0) - billed.before_in_lot)
        ) as taken_of_lot
    from billed
    left join referred_lot as lot
        on
            billed.group_no = lot.group_no
            and billed.invoice_id = lot.ref_invoice_id
            and billed.lot = lot.lot
),

in_invoice as (
    select
        after_lot.*,
        sum(taken_of_lot) over (partition by group_no, invoice_id) as taken_of_lots,
        coalesce(
            sum(measure - taken_of_lot) over (
                partition by group_no, invoice_id
                order by line_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before_in_invoice
    from after_lot
),

after_referred as (
    select
        line.*,
        line.taken_of_lot + least(
            line.measure - line.taken_of_lot,
            greatest(
                cast(0 as decimal(38, 6)),
                coalesce(referred.measure, 0) - line.taken_of_lots - line.before_in_invoice
            )
        ) as taken_by_reference
    from in_invoice as line
    left join referred
        on line.group_no = referred.group_no and line.invoice_id = referred.ref_invoice_id
),

of_lot as (
    select
        after_referred.*,
        coalesce(
            sum(measure - taken_by_reference) over (
                partition by group_no, lot
                order by invoice_date desc, invoice_id desc, line_no desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer_of_lot
    from after_referred
),

after_loose_lot as (
    select
        line.*,
        line.taken_by_reference + least(
            line.measure - line.taken_by_reference,
            greatest(cast(0 as decimal(38, 6)), coalesce(lot.measure, 0) - line.newer_of_lot)
        ) as taken
    from of_lot as line
    left join loose_lot as lot on line.group_no = lot.group_no and line.lot = lot.lot
),

-- What neither the invoice a credit names nor its lot could give, credit by credit, the oldest first.
given_to_named as (
    select
        group_no,
        invoice_id,
        cast(sum(taken_by_reference) as decimal(38, 6)) as measure
    from after_loose_lot
    group by group_no, invoice_id
),

given_to_lot as (
    select
        group_no,
        lot,
        cast(sum(taken - taken_by_reference) as decimal(38, 6)) as measure
    from after_loose_lot
    group by group_no, lot
),

in_turn as (
    select
        credit.*,
        case when ref_invoice_id is null then lot end as loose_of_lot,
        sum(measure) over (
            partition by group_no, ref_invoice_id, case when ref_invoice_id is null then lot end
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
            in_turn.measure,
            greatest(
                cast(0 as decimal(38, 6)),
                in_turn.hi - coalesce(given_to_named.measure, given_to_lot.measure, 0)
            )
        ) as measure
    from in_turn
    left join given_to_named
        on in_turn.group_no = given_to_named.group_no and in_turn.ref_invoice_id = given_to_named.invoice_id
    left join given_to_lot
        on in_turn.group_no = given_to_lot.group_no and in_turn.loose_of_lot = given_to_lot.lot
),

-- A pile: each bill is laid on it on its day, each credit takes from the top. What the lowest height that the pile
-- has afterwards leaves of a bill is not credited.
laid as (
    select
        group_no,
        invoice_date,
        0 as turn,
        invoice_id,
        line_no,
        measure - taken as amount
    from after_loose_lot
    union all
    select
        group_no,
        invoice_date,
        1 as turn,
        invoice_id,
        line_no,
        -measure as amount
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
),

in_time as (
    select
        line.group_no,
        line.invoice_id,
        line.line_no,
        line.invoice_date,
        line.measure,
        line.credited,
        line.taken + lowest.amount - least(
            lowest.amount,
            greatest(cast(0 as decimal(38, 6)), lowest.lowest_height - lowest.height + lowest.amount)
        ) as taken
    from after_loose_lot as line
    inner join lowest on line.invoice_id = lowest.invoice_id and line.line_no = lowest.line_no and lowest.turn = 0
),

taken_so_far as (
    select
        group_no,
        cast(sum(taken) as decimal(38, 6)) as measure
    from in_time
    group by group_no
),

-- What no bill of before could give, against the newest of all.
newest_first as (
    select
        line.*,
        line.credited - taken_so_far.measure as still_to_take,
        coalesce(
            sum(line.measure - line.taken) over (
                partition by line.group_no
                order by line.invoice_date desc, line.invoice_id desc, line.line_no desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as newer
    from in_time as line
    inner join taken_so_far on line.group_no = taken_so_far.group_no
)

select
    invoice_id,
    line_no,
    cast(
        measure - taken
        - least(measure - taken, greatest(cast(0 as decimal(38, 6)), still_to_take - newer))
        as decimal(38, 6)
    ) as need
from newest_first
