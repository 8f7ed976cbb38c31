-- charge_credit_in_time: what credit memos that name no invoice take of charges that were billed by their day.
--
-- grain     invoice_id, line_no
-- reads     charge_held, charge_credit_named
-- through   credit_pile
-- held      no
-- params    none
-- money     dollars, positive
-- rule      Per order and kind of charge, what no named credit has closed. How it is then taken, credit_pile says: a
--           charge that is billed later takes no credit away from one that is paid. The charges of an invoice stand as
--           one, under the first of them: which of them gives, charge_line says. (Specification 1.2 step 4; 1.8
--           invariant 8.)
with asked as (
    select
        po_id,
        kind,
        invoice_date,
        0 as turn,
        invoice_id,
        line_no,
        of_invoice as amount
    from charge_credit_named
    where line_no = first_line_no
    union all
    select
        po_id,
        kind,
        invoice_date,
        1 as turn,
        invoice_id,
        line_no,
        amount
    from charge_held
    where is_memo and amount < 0 and code is null and po_id is not null and ref_invoice_id is null
)

select
    dense_rank() over (
        order by po_id nulls last, kind nulls last
    ) as group_no,
    invoice_date,
    turn,
    invoice_id,
    line_no,
    cast(amount as decimal(38, 6)) as amount
from asked
