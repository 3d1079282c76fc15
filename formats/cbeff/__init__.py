"""CBEFF in XML (ISO/IEC 19785-3, ed. 2, as MOSIP writes it): records of ISO/IEC 19794 and 39794 in base64."""
