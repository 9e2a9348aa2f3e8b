(function(r){r.classList.add("js");try{var m=localStorage.getItem("mode");if(m=="light"||m=="dark")r.dataset.mode=m}catch(e){}})(document.documentElement)
