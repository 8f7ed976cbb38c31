-- qty_credit_named: what lines of credited groups give to credits that name their invoice, or their lot.
--
-- grain     invoice_id, line_no
-- reads     matched_line, group_credit
-- held      no
-- params    none
-- money     `measure`, `credited` (of the whole group) and what is taken are dollars on an amount basis, shares
--           otherwise
-- rule      A quantity credit takes from the invoice it refers to, there from lines of its lot before others; of what
--           refers to nothing, that of a lot from the newest lines of the lot. Price credits take no quantity. Most
--           groups have no credit: they are not here. (Specification 1.2 step 4.)
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
    select *
    from group_credit
    where kind = 'QTY'
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
)

select
    group_no,
    invoice_id,
    line_no,
    invoice_date,
    lot,
    measure,
    credited,
    cast(taken_by_reference as decimal(38, 6)) as taken_by_reference,
    cast(taken as decimal(38, 6)) as taken
from after_loose_lot
