<map version="freeplane 1.9.13">
<!-- a comment -->
<node TEXT="Ideas" ID="ID_1">
<node TEXT="solar roof" POSITION="right" ID="ID_2">
<richcontent TYPE="NOTE"><html><head><style>p { margin: 0 }</style></head><body><p>ask&#160;Tom</p><p>twice</p></body></html></richcontent>
<node ID="ID_3"><richcontent TYPE="NODE">
<html>
  <head/>
  <body>
    <p>a <b>bold</b> plan</p>
  </body>
</html>
</richcontent></node>
</node>
<node TEXT="" ID="ID_4"/>
</node>
</map>
