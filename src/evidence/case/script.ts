/**
 * The page’s only script: opens what a link leads to, and all at once. Without it every part opens by itself.
 *
 * @module
 */

export const SCRIPT = `
const all=[...document.querySelectorAll('details')];
const reveal=()=>{const target=document.getElementById(decodeURIComponent(location.hash.slice(1)));
for(let one=target;one;one=one.parentElement)if(one.tagName==='DETAILS')one.open=true;
if(target&&location.hash)target.scrollIntoView()};
addEventListener('hashchange',reveal);
document.addEventListener('click',(event)=>{const link=event.target.closest('a[href^="#"]');
if(link&&link.getAttribute('href')===location.hash)reveal()});
const button=document.getElementById('all');
button.parentElement.hidden=false;
const say=()=>{button.textContent=all.every((one)=>one.open)?'Close all':'Open all'};
button.addEventListener('click',()=>{const open=!all.every((one)=>one.open);for(const one of all)one.open=open;say()});
for(const one of all)one.addEventListener('toggle',say);
reveal();
`.trim();
