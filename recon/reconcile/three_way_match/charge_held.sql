-- charge_held: lines that bill no goods (freight, handling, tax, surcharge, other), and what is held of each at first.
--
-- grain     invoice_id, line_no
-- reads     billed_line, order_found, purchase_order, supplier, location, tolerance
-- params    none
-- money     amounts as stated; freight is held only beyond its cap
-- rule      A charge stands and falls with its order: without one it is judged as goods are.
--           Freight and handling: none may be charged where freight is allowed or collect; where it is prepaid and
--           added, up to the cap of the tolerance FREIGHT, per invoice and order, and only what exceeds the cap is
--           held. Tax: none where the facility is exempt. A surcharge (fuel, tariff) needs approval. Anything else must
--           be classified. What credits then take off it, charge_line says.
--           What a credit memo charges is a charge like any other, except that it may take back an allowance: once, of
--           the invoice that it names, else of its order. A line of a credit memo without any minus may be either: it
--           must be classified. (Specification 1.3, FREIGHT; 1.4.)
with charge as (
    select
        line.invoice_id,
        line.line_no,
        line.supplier_id,
        line.line_type,
        line.amount,
        line.currency,
        line.invoice_date,
        line.ref_invoice_id,
        line.is_credit,
        line.doc_type = 'CREDIT' as is_on_memo,
        coalesce(line.no_order_code, order_found.code) as order_code,
        header.po_id,
        coalesce(header.facility_id, line.facility_id) as facility_id,
        coalesce(header.freight_terms, 'ALLOWED') as freight_terms,
        coalesce(header.currency, supplier.currency, 'USD') as order_currency,
        coalesce(location.is_exempt, true) as is_exempt,
        rule.rule_id,
        rule.abs_limit,
        coalesce(rule.is_unlimited, false) as is_unlimited,
        line.line_type in ('FREIGHT', 'HANDLING') and line.amount > 0 as is_freight,
        case when line.line_type = 'HANDLING' then 'FREIGHT' else line.line_type end as kind
    from billed_line as line
    left join order_found
        on
            line.po_number = order_found.po_number
            and line.supplier_group = order_found.supplier_group
            and coalesce(line.facility_id, '') = order_found.facility_id
    left join purchase_order as header on order_found.po_id = header.po_id
    left join supplier on header.supplier_id = supplier.supplier_id
    left join (
        select
            facility_id,
            min(case when coalesce(tax_exempt, true) then 1 else 0 end) = 1 as is_exempt
        from location
        group by facility_id
    ) as location on coalesce(header.facility_id, line.facility_id) = location.facility_id
    left join tolerance as rule
        on
            line.supplier_id = rule.supplier_id
            and rule.category = ''
            and rule.is_implant = false
            and coalesce(header.facility_id, line.facility_id, '') = rule.facility_id
            and line.invoice_date = rule.invoice_date
            and rule.check_name = 'FREIGHT'
    where line.line_type <> 'ITEM' and not line.is_duplicate
),

-- What an invoice allowed beyond what it charges of the same kind may be taken back, once: it is no charge
-- on the credit memo that does.
allowed as (
    select
        invoice_id,
        po_id,
        kind,
        cast(-sum(amount) as decimal(18, 2)) as amount
    from charge
    where not is_on_memo and po_id is not null and order_code is null and currency = order_currency
    group by invoice_id, po_id, kind
    having sum(amount) < 0
),

taking_back as (
    select
        charge.invoice_id,
        charge.line_no,
        charge.po_id,
        charge.kind,
        charge.ref_invoice_id,
        charge.amount,
        coalesce(
            sum(charge.amount) over (
                partition by charge.po_id, charge.kind, charge.ref_invoice_id
                order by charge.invoice_date, charge.invoice_id, charge.line_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before
    from charge
    where
        charge.is_on_memo
        and not charge.is_credit
        and charge.amount > 0
        and charge.order_code is null
        and charge.currency = charge.order_currency
),

taken_from_named as (
    select
        line.*,
        case
            when line.ref_invoice_id is null then cast(0 as decimal(18, 2))
            else
                cast(
                    least(line.amount, greatest(cast(0 as decimal(18, 2)), coalesce(allowed.amount, 0) - line.before))
                    as decimal(18, 2)
                )
        end as taken
    from taking_back as line
    left join allowed
        on line.ref_invoice_id = allowed.invoice_id and line.po_id = allowed.po_id and line.kind = allowed.kind
),

allowed_in_all as (
    select
        po_id,
        kind,
        sum(amount) as amount
    from allowed
    group by po_id, kind
),

named_in_all as (
    select
        po_id,
        kind,
        sum(taken) as amount
    from taken_from_named
    group by po_id, kind
),

taken_back as (
    select
        line.invoice_id,
        line.line_no,
        case
            when line.ref_invoice_id is not null then line.taken
            else
                cast(
                    least(
                        line.amount,
                        greatest(
                            cast(0 as decimal(18, 2)),
                            coalesce(allowed.amount, 0) - coalesce(named.amount, 0) - line.before
                        )
                    )
                    as decimal(18, 2)
                )
        end as covered
    from taken_from_named as line
    left join allowed_in_all as allowed on line.po_id = allowed.po_id and line.kind = allowed.kind
    left join named_in_all as named on line.po_id = named.po_id and line.kind = named.kind
),

told as (
    select
        charge.*,
        charge.amount - coalesce(taken_back.covered, 0) as asked,
        charge.is_on_memo
        and (charge.is_credit or charge.amount <= coalesce(taken_back.covered, 0)) as is_memo
    from charge
    left join taken_back on charge.invoice_id = taken_back.invoice_id and charge.line_no = taken_back.line_no
),

running as (
    select
        told.*,
        coalesce(
            sum(case when is_freight then asked else 0 end) over (
                partition by invoice_id, po_id
                order by line_no
                rows between unbounded preceding and current row
            ),
            0
        ) as freight_so_far
    from told
),

judged as (
    select
        running.*,
        case
            when is_memo and order_code = 'NON_PO_ROUTED' then order_code
            -- As goods of an order that is not there, or not the supplier's.
            when is_memo and order_code is not null then 'CREDIT_UNLINKED'
            when is_memo and po_id is null and ref_invoice_id is null then 'CREDIT_UNLINKED'
            when is_memo and po_id is not null and currency <> order_currency then 'CURRENCY_MISMATCH'
            when is_memo and is_credit and amount > 0 then 'CHARGE_UNCLASSIFIED'
            when is_memo then null
            when order_code = 'CREDIT_UNLINKED' then 'NO_PO'
            when order_code is not null then order_code
            when currency <> order_currency then 'CURRENCY_MISMATCH'
            when amount <= 0 then null
            when is_freight and freight_terms = 'PREPAID_ADD' and is_unlimited then null
            when
                is_freight
                and freight_terms = 'PREPAID_ADD'
                and freight_so_far > coalesce(abs_limit, 0) then 'FREIGHT_OVER_CAP'
            when is_freight and freight_terms = 'PREPAID_ADD' then null
            when is_freight then 'FREIGHT_UNAUTHORISED'
            when line_type = 'TAX' and is_exempt then 'TAX_ON_EXEMPT'
            when line_type = 'TAX' then null
            when line_type = 'SURCHARGE' then 'SURCHARGE_UNAUTHORISED'
            else 'CHARGE_UNCLASSIFIED'
        end as code
    from running
),

held as (
    select
        judged.*,
        case
            when code is null or code = 'NON_PO_ROUTED' then cast(0 as decimal(18, 2))
            when code = 'FREIGHT_OVER_CAP'
                then cast(least(asked, freight_so_far - coalesce(abs_limit, 0)) as decimal(18, 2))
            else asked
        end as held
    from judged
)

select
    invoice_id,
    line_no,
    supplier_id,
    line_type,
    kind,
    amount,
    currency,
    invoice_date,
    ref_invoice_id,
    po_id,
    facility_id,
    rule_id,
    is_memo,
    code,
    cast(held as decimal(18, 2)) as held
from held
