-- finding: everything found on this business date, before it is compared with the night before.
--
-- grain     code, invoice_id, line_no, po_id, po_line_no, related_document
-- reads     finding_on_line, finding_on_document, finding_on_order, finding_on_acknowledgement
-- params    none
-- money     impact and latent as found
-- rule      All findings of the match in one table: on invoice lines, on whole invoices, on order lines, and on
--           suppliers' answers. What they mean and who works them is the rule table exception_code. (Specification
--           1.4.)
select * from finding_on_line
union all
select * from finding_on_document
union all
select * from finding_on_order
union all
select * from finding_on_acknowledgement
