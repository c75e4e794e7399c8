"""What the pages share: the look, the marks, the charts and the one workbench. Imported by nothing but pages."""
