-- charge_credit_named: what of every held charge is left by what lowers its own invoice or names it.
--
-- grain     invoice_id, line_no
-- reads     charge_held
-- held      no
-- params    none
-- money     dollars, as stated
-- rule      What lowers a bill closes what is held of a charge of its kind and order: on an invoice, of that invoice
--           unless it names another; on a credit memo, of the invoice it names. The first line held of an invoice takes
--           first of what is credited. Of an invoice's charges of one kind and order, first_line_no is the first,
--           `of_invoice` is left on all of them, and `before` on those before this one. (Specification 1.2 step 4.)
with referred as (
    select
        po_id,
        kind,
        coalesce(ref_invoice_id, invoice_id) as ref_invoice_id,
        cast(sum(-amount) as decimal(18, 2)) as amount
    from charge_held
    where
        amount < 0
        and code is null
        and po_id is not null
        and (ref_invoice_id is not null or not is_memo)
    group by po_id, kind, coalesce(ref_invoice_id, invoice_id)
),

left_held as (
    select
        line.invoice_id,
        line.line_no,
        line.invoice_date,
        line.po_id,
        line.kind,
        cast(
            line.held - least(
                line.held,
                greatest(
                    cast(0 as decimal(18, 2)),
                    coalesce(referred.amount, 0) - coalesce(
                        sum(line.held) over (
                            partition by line.invoice_id, line.po_id, line.kind
                            order by line.line_no
                            rows between unbounded preceding and 1 preceding
                        ),
                        0
                    )
                )
            )
            as decimal(18, 2)
        ) as still_held
    from charge_held as line
    left join referred
        on line.invoice_id = referred.ref_invoice_id and line.po_id = referred.po_id and line.kind = referred.kind
    where
        line.code in (
            'FREIGHT_UNAUTHORISED', 'FREIGHT_OVER_CAP', 'TAX_ON_EXEMPT', 'SURCHARGE_UNAUTHORISED', 'CHARGE_UNCLASSIFIED'
        )
        and not line.is_memo
)

select
    invoice_id,
    line_no,
    invoice_date,
    po_id,
    kind,
    min(line_no) over (partition by invoice_id, po_id, kind) as first_line_no,
    still_held,
    cast(sum(still_held) over (partition by invoice_id, po_id, kind) as decimal(38, 2)) as of_invoice,
    cast(
        coalesce(
            sum(still_held) over (
                partition by invoice_id, po_id, kind
                order by line_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as decimal(38, 2)
    ) as before
from left_held
