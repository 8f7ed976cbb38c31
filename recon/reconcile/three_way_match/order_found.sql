-- order_found: the order that invoice lines name, per number, supplier group and facility, or why none is found.
--
-- grain     po_number, supplier_group, facility_id
-- reads     billed_line, purchase_order, supplier
-- params    $as_of  DATE, orders dated later are not seen
-- money     none
-- rule      Number and supplier must agree. Of several orders with one number that of the billed facility is meant;
--           facility_id is empty where none is billed. A number that is known under another supplier only is a
--           SUPPLIER_MISMATCH: to match it would pay one supplier for another's order. (Specification 1.2 step 3; 1.4.)
with numbered as (
    select
        header.po_id,
        upper(trim(header.po_number)) as po_number,
        coalesce(supplier.parent_supplier_id, header.supplier_id) as supplier_group,
        header.facility_id
    from purchase_order as header
    left join supplier on header.supplier_id = supplier.supplier_id
    where header.order_date <= $as_of
),

wanted as (
    select distinct
        po_number,
        supplier_group,
        coalesce(facility_id, '') as facility_id
    from billed_line
    where po_number is not null
),

candidate as (
    select
        wanted.po_number,
        wanted.supplier_group,
        wanted.facility_id,
        count(case when numbered.supplier_group = wanted.supplier_group then 1 end) as in_group,
        min(case when numbered.supplier_group = wanted.supplier_group then numbered.po_id end) as of_group,
        count(
            case
                when
                    numbered.supplier_group = wanted.supplier_group
                    and numbered.facility_id = wanted.facility_id then 1
            end
        ) as in_facility,
        min(
            case
                when
                    numbered.supplier_group = wanted.supplier_group
                    and numbered.facility_id = wanted.facility_id then numbered.po_id
            end
        ) as of_facility
    from wanted
    inner join numbered on wanted.po_number = numbered.po_number
    group by wanted.po_number, wanted.supplier_group, wanted.facility_id
)

select
    wanted.po_number,
    wanted.supplier_group,
    wanted.facility_id,
    case
        when candidate.in_group = 1 then candidate.of_group
        when candidate.in_group > 1 and candidate.in_facility = 1 then candidate.of_facility
    end as po_id,
    case
        when candidate.po_number is null then 'PO_NOT_FOUND'
        when candidate.in_group = 0 then 'SUPPLIER_MISMATCH'
        when candidate.in_group > 1 and candidate.in_facility <> 1 then 'PO_LINE_AMBIGUOUS'
    end as code
from wanted
left join candidate
    on
        wanted.po_number = candidate.po_number
        and wanted.supplier_group = candidate.supplier_group
        and wanted.facility_id = candidate.facility_id
