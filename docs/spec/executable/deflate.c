// SPDX-License-Identifier: Apache-2.0
/* The frozen DEFLATE stream, from deflate.md alone. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
typedef uint8_t u8; typedef uint32_t u32; typedef uint64_t u64; typedef int64_t i64;
enum { W=32768, MIN=4, MAX=258, BLOCK=16384, BUFFER=65536 };
#ifndef CHAIN
#define CHAIN 4096
#endif
#ifndef NEAR
#define NEAR 4096
#endif
static u8 *out; static size_t olen, ocap; static u64 bb; static int bn;
static void byte(u8 b){ if(olen==ocap){ocap=ocap?ocap*2:65536;out=realloc(out,ocap);} out[olen++]=b; }
static void bits(u32 v,int n){ bb|=(u64)v<<bn; bn+=n; while(bn>=8){byte((u8)bb);bb>>=8;bn-=8;} }
static void align(void){ if(bn){byte((u8)bb);bb=0;bn=0;} }
static const u8 *B; static i64 N;
typedef struct { u32 len, v; } Tok;            /* len 0: literal v; else match */
static Tok tk[BLOCK]; static int nt; static i64 bstart, bend;
static int lbase[29],lext[29],dbase[30],dext[30];
static u8 lsym[259]; static u8 dsymlo[W+1];
static void tables(void){
  int b=3; for(int i=0;i<28;i++){ lext[i]= i<8?0:(i-4)/4; lbase[i]=b; b+=1<<lext[i]; }
  lbase[28]=258; lext[28]=0;
  for(int i=0;i<28;i++) for(int l=lbase[i]; l<lbase[i]+(1<<lext[i])&&l<258; l++) lsym[l]=i;
  lsym[258]=28;
  b=1; for(int i=0;i<30;i++){ dext[i]= i<4?0:(i-2)/2; dbase[i]=b; for(int d=b; d<b+(1<<dext[i])&&d<=W; d++) dsymlo[d]=i; b+=1<<dext[i]; }
}
typedef struct { u32 c; int s; } Leaf;
static int lcmp(const void*a,const void*b){ const Leaf*x=a,*y=b; if(x->c!=y->c) return x->c<y->c?-1:1; return x->s-y->s; }
static void lengths(const u32*cnt,int n,int limit,u8*len){
  static Leaf lf[320]; int u=0; memset(len,0,n);
  for(int i=0;i<n;i++) if(cnt[i]){lf[u].c=cnt[i];lf[u++].s=i;}
  if(u<=2){ for(int i=0;i<u;i++) len[lf[i].s]=1; return; }
  qsort(lf,u,sizeof*lf,lcmp);
  int L=limit<u-1?limit:u-1;
  static u64 w[16][700]; static u8 pk[16][700]; static int cn[16];
  cn[0]=u; for(int i=0;i<u;i++){w[0][i]=lf[i].c;pk[0][i]=0;}
  for(int l=1;l<L;l++){ int np=cn[l-1]/2,i=0,j=0,k=0;
    while(i<u||j<np){ u64 pw=j<np?w[l-1][2*j]+w[l-1][2*j+1]:0;
      if(j<np && (i>=u ||
#ifdef M_TIE
        pw<lf[i].c
#else
        pw<=lf[i].c
#endif
        )){w[l][k]=pw;pk[l][k++]=1;j++;}
      else {w[l][k]=lf[i].c;pk[l][k++]=0;i++;} }
    cn[l]=k; }
  int take=2*u-2;
  for(int l=L-1;l>=0;l--){ int p=0,lv=0; for(int i=0;i<take;i++) if(pk[l][i])p++; else lv++;
    for(int i=0;i<lv;i++) len[lf[i].s]++; take=2*p; }
}
static void codes(const u8*len,int n,u32*code){
  int bl[17]={0}; u32 nx[17]; for(int i=0;i<n;i++) bl[len[i]]++; bl[0]=0; u32 c=0;
  for(int b=1;b<=16;b++){c=(c+bl[b-1])<<1;nx[b]=c;}
  for(int i=0;i<n;i++) if(len[i]){u32 x=nx[len[i]]++,r=0; for(int k=0;k<len[i];k++){r=r<<1|(x&1);x>>=1;} code[i]=r;} else code[i]=0;
}
static void block(void){
  if(!nt) return;
  u32 lc[286]={0},dc[30]={0}; u64 extra=0; lc[256]=1;
  for(int i=0;i<nt;i++){ if(!tk[i].len) lc[tk[i].v]++; else { int a=lsym[tk[i].len],d=dsymlo[tk[i].v]; lc[257+a]++; dc[d]++; extra+=lext[a]+dext[d]; } }
  int nlit=286; while(!lc[nlit-1]) nlit--;
  int nd=30; while(nd&&!dc[nd-1]) nd--;
  if(!nd){dc[0]=1;nd=1;}
  u8 ll[286],dl[30]; lengths(lc,nlit,15,ll); lengths(dc,nd,15,dl);
  u8 seq[320]; memcpy(seq,ll,nlit); memcpy(seq+nlit,dl,nd); int ns=nlit+nd;
  u8 cs[640],cx[640]; int nc=0; u32 cc[19]={0};
#define PUT(s,x) do{cs[nc]=(s);cx[nc++]=(x);cc[s]++;}while(0)
  for(int i=0;i<ns;){ int v=seq[i],c=1; while(i+c<ns&&seq[i+c]==v)c++; i+=c;
    if(v){ PUT(v,0);c--; while(c>=3){int k=c<6?c:6;PUT(16,k-3);c-=k;} while(c--)PUT(v,0); }
    else { while(c>=11){int k=c<138?c:138;PUT(18,k-11);c-=k;} if(c>=3){PUT(17,c-3);c=0;} while(c-->0)PUT(0,0); } }
  u8 cl[19]; lengths(cc,19,7,cl);
  static const u8 ord[19]={16,17,18,0,8,7,9,6,10,5,11,4,12,3,13,2,14,1,15};
  int ncl=19; while(ncl>4&&!cl[ord[ncl-1]]) ncl--;
  u64 dyn=17+3*ncl+2*cc[16]+3*cc[17]+7*cc[18]+extra, fix=3+extra;
  for(int i=0;i<19;i++) dyn+=cc[i]*cl[i];
  for(int i=0;i<nlit;i++){ dyn+=(u64)lc[i]*ll[i]; fix+=(u64)lc[i]*(i<144?8:i<256?9:i<280?7:8); }
  for(int i=0;i<nd;i++){ dyn+=(u64)dc[i]*dl[i]; fix+=(u64)dc[i]*5; }
  i64 nb=bend-bstart; u64 st=8*(u64)(nb+5); int dynamic=
#ifdef M_DYNEQ
   dyn<=fix;
#else
   dyn<fix;
#endif
  u64 best=dynamic?dyn:fix;
  if(nb<=65535 &&
#ifdef M_STEQ
   st<=best
#else
   st<best
#endif
  ){ bits(0,3); align(); byte(nb&255);byte(nb>>8);byte(~nb&255);byte((~nb>>8)&255); for(i64 i=bstart;i<bend;i++) byte(B[i]); nt=0;bstart=bend; return; }
  u32 lcode[288],dcode[30],ccode[19]; u8 fl[288],fd[30];
  if(dynamic){ bits(0|2<<1,3); bits(nlit-257,5); bits(nd-1,5); bits(ncl-4,4); for(int i=0;i<ncl;i++) bits(cl[ord[i]],3);
    codes(cl,19,ccode); for(int i=0;i<nc;i++){ bits(ccode[cs[i]],cl[cs[i]]); if(cs[i]==16)bits(cx[i],2); if(cs[i]==17)bits(cx[i],3); if(cs[i]==18)bits(cx[i],7);}
    codes(ll,nlit,lcode); codes(dl,nd,dcode); memcpy(fl,ll,nlit); memcpy(fd,dl,nd);
  } else { bits(0|1<<1,3); for(int i=0;i<288;i++) fl[i]=i<144?8:i<256?9:i<280?7:8; for(int i=0;i<30;i++) fd[i]=5; codes(fl,288,lcode); codes(fd,30,dcode); }
  for(int i=0;i<nt;i++){ if(!tk[i].len) bits(lcode[tk[i].v],fl[tk[i].v]); else { int a=lsym[tk[i].len],d=dsymlo[tk[i].v];
      bits(lcode[257+a],fl[257+a]); bits(tk[i].len-lbase[a],lext[a]); bits(dcode[d],fd[d]); bits(tk[i].v-dbase[d],dext[d]); } }
  bits(lcode[256],fl[256]); nt=0; bstart=bend;
}
static void tok(u32 len,u32 v){ tk[nt].len=len; tk[nt++].v=v; bend+=len?len:1; if(nt==BLOCK) block(); }
u8 *deflate9(const u8*in,i64 n,size_t*rl){
  tables(); B=in;N=n; out=0;olen=ocap=0;bb=0;bn=0;nt=0;bstart=bend=0;
  i64 nh=n>=4?n-3:0; int32_t *prev=malloc(sizeof(int32_t)*(nh+1)), *head=malloc(sizeof(int32_t)<<17);
  memset(head,255,sizeof(int32_t)<<17);
  for(i64 q=0;q<nh;q++){ u32 h=(((u32)B[q]<<24|(u32)B[q+1]<<16|(u32)B[q+2]<<8|B[q+3])*0x1e35a7bdu)>>15; prev[q]=head[h]; head[h]=q; }
  free(head);
  i64 p=0; int len=3; i64 dist=0; int pending=0;
  while(p<N){
    i64 m=p+262<N?p+262:N, S=m<=BUFFER?0:W*((m-BUFFER+W-1)/W), E=S+BUFFER<N?S+BUFFER:N, a=E-p;
    int pl=len; i64 pd=dist; len=3;
    if(p<nh && a>pl && pl<258){
      int limit=a<MAX?a:MAX,best=3; i64 q=prev[p]; int tries=CHAIN;
      while(q>=0 && q>=p-W && q>=S && tries-->0){
        if(B[p+best]==B[q+best]){ int k=0; while(k<limit&&B[q+k]==B[p+k])k++;
          if(k>best&&(k>4||p-q<=NEAR)){best=k;len=k;dist=p-q; if(best>=limit)break;} }
        q=prev[q]; }
    }
    if(pl>=4&&len<=pl){ tok(pl,pd); p=p-1+pl; len=3; pending=0; }
    else { if(pending) tok(0,B[p-1]); p++; pending=1; }
  }
  if(pending) tok(0,B[p-1]);
  block(); bits(1,3); align(); byte(0);byte(0);byte(255);byte(255);
  free(prev); *rl=olen; return out;
}
